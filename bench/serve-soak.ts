import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { fit, loadConfig } from '#lockstep/index.js';
import { ResidentMemory } from './resident.js';

/**
 * `npm run bench:serve-soak`: a server that classifies what is sent to it, under load for as long as is asked, odd images among it; what is
 * resident of it every 5 s, and how long answers take. Linux only. Writes bench-serve-soak.json, .svg and .png.
 */

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    'per-minute': { type: 'string', default: '10000' },
    threads: { type: 'string', default: '2' },
  },
});
const [minutes, perMinute] = [Number(values.minutes), Number(values['per-minute'])];
/** Flat from here on, s. */
const warm = 60;
const tick = 20;
/** Requests under way at once, beyond which the load waits: the server is too slow for it. */
const most = 1000;

interface Body {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const folder = mkdtempSync(join(tmpdir(), 'lockstep-serve-soak-'));
const directory = join(folder, 'run');
const config = await loadConfig(fileURLToPath(new URL('../../configs/lenet5.json', import.meta.url)));
const run = await fit(
  {
    ...config,
    data: {
      ...config.data,
      dir: join(folder, 'shapes'),
      cache: join(folder, 'packed'),
      generate: { seed: 1, trainPerClass: 10, validationPerClass: 2, testPerClass: 2 },
    },
  },
  undefined,
  { epochs: 2, out: directory },
);
await run.close();
const server = fork(fileURLToPath(new URL('./serve-soak-server.js', import.meta.url)), [
  directory,
  values.threads,
]);
const port = await new Promise<number>((resolve) =>
  server.once('message', (port) => resolve(port as number)),
);
const memory = new ResidentMemory(server.pid!);
const bodies = await makeBodies();
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const statuses: Record<string, Record<string, number>> = {};
/** How often each answer came, by the body's name and its text: one for a body, if all is well. */
const answers: Record<string, Record<string, number>> = {};
const times: number[] = [];
let [sent, waiting, late] = [0, 0, 0];

const began = performance.now();
await new Promise<void>((resolve) => {
  const timer = setInterval(() => {
    const elapsed = performance.now() - began;
    if (elapsed >= minutes * 60_000) {
      clearInterval(timer);
      resolve();
      return;
    }
    const due = Math.floor((elapsed / 60_000) * perMinute);
    if (waiting >= most) late++;
    while (sent < due && waiting < most) ask(bodies[sent++ % bodies.length]!);
  }, tick);
});
while (waiting > 0) await new Promise((resolve) => setTimeout(resolve, tick));
memory.stop();
server.kill();
agent.destroy();
rmSync(folder, { recursive: true, force: true });

times.sort((a, b) => a - b);
const at = (part: number) => Number((times[Math.floor(part * (times.length - 1))] ?? 0).toFixed(1));
await memory.write('bench-serve-soak', 'minutes of serving', {
  minutes,
  requests: times.length,
  perMinute: Math.round(times.length / minutes),
  statuses,
  bodiesOfSeveralAnswers: Object.fromEntries(
    Object.entries(answers).filter(([, texts]) => Object.keys(texts).length > 1),
  ),
  ticksThatWaited: late,
  milliseconds: { median: at(0.5), p99: at(0.99), largest: at(1) },
  mebibytes: memory.figures(warm),
});

function ask({ name, bytes }: Body): void {
  const from = performance.now();
  waiting++;
  const done = (status: string, text: string): void => {
    waiting--;
    times.push(performance.now() - from);
    count(statuses, name, status);
    count(answers, name, text);
  };
  const asking = request(
    { port, agent, method: 'POST', headers: { 'content-length': bytes.length } },
    (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => done(String(answer.statusCode), text));
    },
  );
  asking.on('error', (error) => done((error as NodeJS.ErrnoException).code ?? 'error', ''));
  asking.end(bytes);
}

function count(counts: Record<string, Record<string, number>>, name: string, what: string): void {
  counts[name] ??= {};
  counts[name][what] = (counts[name][what] ?? 0) + 1;
}

/** Nineteen images of a kind that is usual, and one that is odd, in turn. */
async function makeBodies(): Promise<Body[]> {
  const picture = (width: number, height: number, channels: 3 | 4 = 3) =>
    sharp({
      create: { width, height, channels, background: { r: 200, g: 80, b: 40, alpha: 0.5 } },
    });
  const jpeg = await picture(200, 150).jpeg().toBuffer();
  const usual = await Promise.all(
    [
      picture(32, 32).png(),
      picture(200, 150).jpeg(),
      picture(64, 64).webp(),
      picture(300, 20).png(),
      picture(640, 480).jpeg(),
    ].map(
      async (image, i): Promise<Body> => ({
        name: `usual ${i}`,
        bytes: await image.toBuffer(),
      }),
    ),
  );
  const odd: Body[] = [
    { name: 'empty', bytes: new Uint8Array(0) },
    { name: 'text', bytes: Buffer.from('no image at all\n'.repeat(100)) },
    { name: 'cut off', bytes: jpeg.subarray(0, jpeg.length >> 1) },
    { name: 'a pixel', bytes: await picture(1, 1).png().toBuffer() },
    {
      name: 'gray, 16 bits',
      bytes: await picture(40, 40).toColourspace('grey16').png().toBuffer(),
    },
    { name: 'transparent', bytes: await picture(50, 50, 4).png().toBuffer() },
    { name: 'large', bytes: await picture(3000, 2000).jpeg().toBuffer() },
    {
      name: 'broken PNG',
      bytes: Buffer.concat([usual[0]!.bytes.subarray(0, 40), Buffer.alloc(100)]),
    },
  ];
  return odd.flatMap((body) => [...Array.from({ length: 19 }, (_, i) => usual[i % usual.length]!), body]);
}
