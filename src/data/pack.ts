import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DataConfig } from '../config/schema.js';
import { temporaryName } from '../files/temporary.js';
import { unwritable } from '../files/unwritable.js';
import { bytesOf, type Dtype, SafetensorsWriter } from '../tensors/safetensors.js';
import { type SplitName, splitNames } from './dataset.js';
import { dataError, listed } from './faults.js';
import { sampleBytes, sampleShape, sampleType } from './features.js';
import type { PackSettings } from './key.js';
import { toMetadata } from './packed.js';
import { type BadImage, copyRows, decodeRows, type Rows } from './rows.js';
import type { Source } from './source.js';

/** As many bad images are shown; the rest is counted. */
const shownBad = 50;

/**
 * Decodes every image of the source on `threads` threads and writes the packed file `path`.
 *
 * The bytes depend on the images and settings alone. Throws a UserError that lists all broken images, unless
 * `settings.skipBadImages`.
 */
export async function packDataset(
  path: string,
  key: string,
  source: Source,
  config: DataConfig,
  settings: PackSettings,
  threads: number,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const temporary = temporaryName(path);
  let file: number | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    file = openSync(temporary, 'wx+');
    const rows = await decodeRows(file, source, config, threads, onProgress);
    if (!settings.skipBadImages) refuseBad(rows.bad, source);
    writePacked(path, key, source, config, settings, rows);
  } catch (error) {
    throw unwritable(path, error);
  } finally {
    if (file !== undefined) {
      closeSync(file);
      rmSync(temporary, { force: true });
    }
  }
}

function refuseBad(bad: readonly BadImage[], source: Source): void {
  if (bad.length === 0) return;
  const faults = bad.map(({ split, index, reason }) => {
    const { nameOf, placeOf } = source.splits[split];
    const place = placeOf(index);
    return `${source.dir}/${nameOf(index)}${place === undefined ? '' : ` (${place})`}: ${reason}`;
  });
  const many = bad.length === 1 ? '1 image' : `${bad.length} images`;
  throw dataError(
    `${many} cannot be used; mend or unlist what is named here, or give --skip-bad-images:\n${listed(faults, shownBad)}`,
  );
}

function writePacked(
  path: string,
  key: string,
  source: Source,
  config: DataConfig,
  settings: PackSettings,
  rows: Rows,
): void {
  const good = goodRows(source, rows.bad);
  const dtype: Dtype = sampleType(config.features) === 'uint8' ? 'U8' : 'F32';
  const tensors = new Map<string, { dtype: Dtype; shape: number[] }>();
  for (const split of splitNames) {
    const count = good[split].length;
    tensors.set(`${split}.samples`, { dtype, shape: [count, ...sampleShape(config.features)] });
    tensors.set(`${split}.labels`, { dtype: 'I32', shape: [count] });
  }
  const skipped = rows.bad.map(({ split, index, reason }) => ({
    file: source.splits[split].nameOf(index),
    reason,
  }));
  const { classes } = source;
  const metadata = toMetadata({ key, classes, trainSums: rows.trainSums, skipped, settings });
  const writer = new SafetensorsWriter(path, tensors, metadata);
  try {
    const append = (name: string) => (bytes: Uint8Array) => writer.append(name, bytes);
    for (const split of splitNames) {
      const labels = Int32Array.from(good[split], (index) => source.splits[split].labels[index]!);
      append(`${split}.labels`)(bytesOf(labels));
      copyRows(rows, source, split, good[split], sampleBytes(config.features), append(`${split}.samples`));
    }
    writer.commit();
  } finally {
    writer.abort();
  }
}

/** Indices of each split's images that were read, in order. Throws a UserError where none is left. */
function goodRows(source: Source, bad: readonly BadImage[]): Record<SplitName, number[]> {
  const entries = splitNames.map((split) => {
    const skip = new Set(bad.filter((image) => image.split === split).map(({ index }) => index));
    const good = [...source.splits[split].labels.keys()].filter((index) => !skip.has(index));
    if (good.length === 0) {
      throw dataError(
        `${source.dir}: no image of ${split} is left of ${skip.size}; the first one: ${bad.find((image) => image.split === split)!.reason}`,
      );
    }
    return [split, good] as const;
  });
  return Object.fromEntries(entries) as Record<SplitName, number[]>;
}
