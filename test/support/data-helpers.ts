import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import type { DataConfig } from '#lockstep/config/schema.js';
import type { PackedDataset, SplitName } from '#lockstep/data/dataset.js';
import type { Source } from '#lockstep/data/source.js';
import { openSource } from '#lockstep/data/sources/open.js';
import { ExitCode, UserError } from '#lockstep/errors.js';

/** Small datasets in a temporary folder, for the tests of src/data. */

/** Runs `body` with a new folder that is removed afterwards. */
export async function inFolder(body: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-data-'));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function put(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

export type Rgb = readonly [number, number, number];

/** A picture of one colour, to be encoded as the test likes. */
export function plain([r, g, b]: Rgb, width = 8, height = 8) {
  return sharp({ create: { width, height, channels: 3, background: { r, g, b } } });
}

/** `dir` with these images and, for each split, all of them with labels 0, 1, ... */
export function putDataset(dir: string, images: Readonly<Record<string, Uint8Array>>): void {
  for (const [name, bytes] of Object.entries(images)) put(dir, name, bytes);
  const lines = Object.keys(images).map((name, label) => `${name} ${label}\n`);
  for (const list of ['train.txt', 'val.txt', 'test.txt']) put(dir, list, lines.join(''));
}

export function pixelsConfig(folder: string, width = 4, height = 4): DataConfig {
  return {
    dir: join(folder, 'set'),
    source: 'auto',
    split: { seed: 1, validation: 0.1, test: 0.1 },
    csv: {},
    labels: 'fine',
    cache: join(folder, 'cache'),
    maxPixels: 1_000_000,
    maxImageMemory: 1024,
    background: [255, 255, 255],
    skipBadImages: false,
    features: { type: 'pixels', width, height, normalize: 'mean' },
  };
}

/** The source that lies in `dir`. */
export function sourceOf(dir: string, config: Partial<DataConfig> = {}): Promise<Source> {
  return openSource({ ...pixelsConfig(dir), dir, ...config });
}

/** Names of a split's images, in order. */
export function namesOf({ splits }: Source, split: SplitName): string[] {
  return Array.from(splits[split].labels, (_, image) => splits[split].nameOf(image));
}

/** Samples of a split as they lie in the packed file, an array of bytes each. */
export function samplesOf(data: PackedDataset, split: SplitName): Uint8Array[] {
  const file = readFileSync(data.path);
  const bytes = data.sampleShape.reduce((a, b) => a * b, data.sampleType === 'uint8' ? 1 : 4);
  const { samples, samplesOffset } = data.splits[split];
  return Array.from({ length: samples }, (_, i) =>
    Uint8Array.from(file.subarray(samplesOffset + i * bytes, samplesOffset + (i + 1) * bytes)),
  );
}

export function labelsOf(data: PackedDataset, split: SplitName): number[] {
  const file = readFileSync(data.path);
  const { samples, labelsOffset } = data.splits[split];
  return Array.from({ length: samples }, (_, i) => file.readInt32LE(labelsOffset + 4 * i));
}

/** The message of the UserError (exit code data) that `body` must throw. */
export async function dataFault(body: () => unknown): Promise<string> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    assert.is(error.exitCode, ExitCode.data);
    return error.message;
  }
  throw new Error('expected a UserError, found none');
}
