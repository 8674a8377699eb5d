import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ImageError, openRun } from '#lockstep/index.js';

/** The server of bench:serve-soak: the body of a POST is an image, the answer its classes. */

const [directory, threads] = process.argv.slice(2) as [string, string];
const run = await openRun(directory);
const predictor = await run.model.predictor({ threads: Number(threads) });

const server = createServer((asked, answer) => {
  const parts: Uint8Array[] = [];
  const say = (status: number, what: object) => answer.writeHead(status).end(JSON.stringify(what));
  asked.on('data', (part: Uint8Array) => parts.push(part));
  asked.on('end', () => {
    predictor.predict(Buffer.concat(parts), { top: 3 }).then(
      ({ predictions }) => say(200, predictions),
      (error: Error) => say(error instanceof ImageError ? 422 : 500, { error: error.message }),
    );
  });
});
server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
