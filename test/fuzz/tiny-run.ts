import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { ExitCode } from '#lockstep/errors.js';
import { hang } from '../support/needing.js';

/** A training of a fraction of a second, as a user starts it. */

export const tinyConfig = {
  name: 'tiny',
  data: { dir: 'set', cache: 'packed', features: { type: 'pixels', width: 4, height: 4 } },
  model: { layers: [{ type: 'flatten' }, { type: 'dense', outFeatures: 2 }] },
  loss: { type: 'crossEntropy' },
  optimizer: { type: 'sgd', learningRate: 0.1, momentum: 0.9 },
  training: { batchSize: 2, epochs: 3 },
};
/** 4 steps in each of 3 epochs. */
export const training = [
  'train',
  '--config',
  'config.json',
  '--threads',
  '2',
  '--checkpoint-every',
  '2',
] as const;

const entry = fileURLToPath(new URL('../../lockstep.js', import.meta.url));

/** 12 PNG files of 4 x 4. */
export const tinyImages = (): Promise<readonly Uint8Array[]> =>
  Promise.all(
    Array.from({ length: 12 }, (_, i) => {
      const background = { r: 20 * i, g: i % 2 === 0 ? 200 : 10, b: 90 };
      return sharp({ create: { width: 4, height: 4, channels: 3, background } })
        .png()
        .toBuffer();
    }),
  );

/** `config.json` and `set`, in the working folder. */
export function putTiny(images: readonly Uint8Array[], config: object = tinyConfig): void {
  mkdirSync('set/images', { recursive: true });
  writeFileSync('config.json', JSON.stringify(config));
  for (const [i, image] of images.entries()) writeFileSync(`set/images/${i}.png`, image);
  const lines = images.map((_, i) => `images/${i}.png ${i % 2}\n`);
  for (const [list, first, end] of [
    ['train', 0, 8],
    ['val', 8, 10],
    ['test', 10, 12],
  ] as const)
    writeFileSync(`set/${list}.txt`, lines.slice(first, end).join(''));
}

export interface Started {
  readonly code: number;
  readonly stderr: string;
}

export function start(args: readonly string[], env = process.env): Started {
  const ended = spawnSync(process.execPath, [entry, ...args], { encoding: 'utf8', env, timeout: hang });
  return { code: ended.status ?? -1, stderr: ended.stderr };
}

export function requireWell({ code, stderr }: Started): void {
  assert.is(code, ExitCode.ok, stderr);
}

/** Of the last weights, as the run's summary has it. */
export const hashOf = (run: string): string =>
  (JSON.parse(readFileSync(`${run}/summary.json`, 'utf8')) as { weightsSha256: string }).weightsSha256;
