import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ImageError, openRun } from 'lockstep';

/**
 * web-server.js RUN [PORT]: answers POST /classify, whose body is an image file, with its most probable classes:
 *
 *     curl --data-binary @cat.jpg http://localhost:8080/classify
 */
const [directory = 'runs/tuned', port = '8080'] = process.argv.slice(2);
const mostBytes = 10 * 2 ** 20;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}
const refusal = (status: number, error: string): Answer => ({ status, body: { error } });

// The model's threads start with the first image, and stay.
const { model } = await openRun(directory);

async function answer(request: IncomingMessage): Promise<Answer> {
  if (request.url !== '/classify') return refusal(404, 'ask POST /classify');
  if (request.method !== 'POST') return refusal(405, 'send the image as the body of a POST');
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Uint8Array>) {
    bytes += part.length;
    if (bytes <= mostBytes) parts.push(part);
  }
  if (bytes === 0) return refusal(400, 'the body is empty: send an image file');
  if (bytes > mostBytes) return refusal(413, `an image has ${mostBytes} bytes at most`);
  const { predictions } = await model.predict(Buffer.concat(parts), { top: 3 });
  return { status: 200, body: predictions };
}

function failure(error: unknown, request: IncomingMessage): Answer {
  if (error instanceof ImageError) return refusal(422, error.reason);
  if (!request.complete) return refusal(400, 'the upload was cut off');
  console.error(error);
  return refusal(500, 'something went wrong here');
}

const server = createServer(async (request, response) => {
  const { status, body } = await answer(request).catch((error: unknown) => failure(error, request));
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
});
server.listen(Number(port), () =>
  console.log(`http://localhost:${(server.address() as AddressInfo).port}/classify`),
);
process.once('SIGTERM', () => server.close(() => model.close()));
