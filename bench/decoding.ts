import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { configSchema, type DataConfig } from '#lockstep/config/schema.js';
import { openDataset } from '#lockstep/data/open.js';
import { forEachQueued } from '#lockstep/data/queue.js';
import { printTable, show } from './table.js';
import { median } from './timer.js';

/**
 * npm run bench:decoding -- [--quick]
 *
 * Images/s of packing JPEG files, all that it takes included (threads' start, checksums, the file on the disk), beside a bare loop
 * over sharp that keeps nothing. Alternately, on all cores; medians.
 */

interface Files {
  readonly width: number;
  readonly height: number;
  readonly count: number;
}

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const threads = availableParallelism();
const rounds = values.quick ? 3 : 5;
const size = 64;
const sets: readonly Files[] = [
  { width: 64, height: 64, count: values.quick ? 2000 : 8000 },
  { width: 500, height: 375, count: values.quick ? 500 : 2500 },
];

/** Like a photograph to a decoder: smooth colours that differ from image to image, and noise. */
async function writeJpegs(dir: string, { width, height, count }: Files): Promise<string[]> {
  mkdirSync(dir);
  const names = Array.from({ length: count }, (_, i) => `${i}.jpg`);
  await forEachQueued(names, 2 * threads, async (name, n) => {
    const rgb = new Uint8Array(3 * width * height);
    for (let i = 0, at = 0; at < rgb.length; i++) {
      const [x, y] = [i % width, Math.floor(i / width)];
      const noise = Math.imul(i + n * 7919, 0x9e3779b1) >>> 27;
      for (let c = 0; c < 3; c++, at++) {
        rgb[at] = 110 + 90 * Math.sin((x * (1 + c) + y * (3 - c) + 40 * n) / (width / 4)) + noise;
      }
    }
    const raw = { width, height, channels: 3 } as const;
    writeFileSync(join(dir, name), await sharp(rgb, { raw }).jpeg({ quality: 85 }).toBuffer());
  });
  for (const list of ['train.txt', 'val.txt', 'test.txt']) {
    const own = list === 'train.txt' ? names : names.slice(0, 1);
    writeFileSync(join(dir, list), own.map((name) => `${name} 0\n`).join(''));
  }
  return names.map((name) => join(dir, name));
}

/** Seconds of each way to the pixels of all `paths`, `atOnce` images in sharp at a time. */
async function bareLoop(paths: readonly string[], atOnce: number): Promise<number> {
  const start = performance.now();
  await forEachQueued(paths, atOnce, async (path) => {
    await sharp(path).resize(size, size, { fit: 'fill' }).raw().toBuffer();
  });
  return (performance.now() - start) / 1e3;
}

async function pack(data: DataConfig): Promise<number> {
  rmSync(data.cache, { recursive: true, force: true });
  const start = performance.now();
  await openDataset(data, { threads });
  return (performance.now() - start) / 1e3;
}

async function measure(folder: string, files: Files): Promise<Record<string, string>> {
  const dir = join(folder, `${files.width}x${files.height}`);
  const paths = await writeJpegs(dir, files);
  const bytes = paths.reduce((sum, path) => sum + statSync(path).size, 0) / paths.length;
  const features = { type: 'pixels', width: size, height: size, normalize: 'mean' } as const;
  const data = configSchema.shape.data.parse({ dir, cache: join(folder, 'packed'), features });
  const lanes = [2 * threads, 4 * threads];
  const bare = lanes.map((): number[] => []);
  const packed: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    for (const [i, atOnce] of lanes.entries()) bare[i]!.push(await bareLoop(paths, atOnce));
    packed.push(await pack(data));
  }
  // The first round warms up.
  const perSecond = (seconds: readonly number[]) => files.count / median(seconds.slice(1));
  const best = Math.max(...bare.map(perSecond));
  return {
    files: `${files.width} x ${files.height} JPEG, ${show(bytes / 1e3)} kB`,
    'sharp alone, images/s': show(best),
    'lockstep, images/s': show(perSecond(packed)),
    ratio: show(perSecond(packed) / best),
  };
}

sharp.concurrency(1);
sharp.cache(false);
console.log(`${cpus()[0]?.model.trim() ?? 'unknown'}, ${threads} cores, Node ${process.version}`);
const folder = mkdtempSync(join(tmpdir(), 'lockstep-decoding-'));
try {
  const rows = [];
  for (const files of sets) rows.push(await measure(folder, files));
  printTable(`Decoded to ${size} x ${size}: medians of ${rounds} rounds`, rows);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
