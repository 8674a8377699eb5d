import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type SplitName, splitNames } from '../../data/dataset.js';
import { arrayFileOf } from '../../data/sources/arrays.js';
import { type Given, mapGiven } from '../../data/sources/form.js';
import { sizeOf } from '../../graph/shape.js';
import { bytesOf, SafetensorsWriter } from '../../tensors/safetensors.js';
import type { Dataset } from '../dataset.js';
import { type ArrayKind, arrayDataset, defaultCache, requireSuitingOptions } from './dataset.js';
import { arrayFolder, isWhole } from './folder.js';
import type { ArraySamples, ArraysInput, ArraysOptions } from './input.js';
import { inputError, type Numbered, numberClasses, partOf } from './labels.js';

/** A change of what is written raises it. */
const version = 1;
/** Bytes that are hashed or written at a time. */
const pieceBytes = 2 ** 24;

/** A split whose arrays are as they must be. */
interface Checked extends ArraySamples {
  readonly kind: Exclude<ArrayKind, 'files'>;
  readonly count: number;
  /** Of a sample as it is written: `[channels, height, width]` or `[features]`. */
  readonly sample: readonly number[];
  /** Channels that lie side by side in `images`, and are written one plane after the other; 1 where nothing is turned. */
  readonly interleaved: number;
}

/** As `fromArrays`. */
export async function writeArrays(arrays: ArraysInput, options: ArraysOptions): Promise<Dataset> {
  const { validation, test, classes } = arrays;
  const given = { train: arrays, ...(validation && { validation }), ...(test && { test }) };
  const checked = mapGiven<ArraySamples, Checked>(given, check);
  const train = checked.train!;
  for (const [split, { kind, sample }] of Object.entries(checked) as [SplitName, Checked][]) {
    if (kind === train.kind && String(sample) === String(train.sample)) continue;
    const [found, expected] = [{ kind, sample }, train].map(
      (each) => `${each.kind} of [${each.sample.join(', ')}]`,
    );
    throw inputError(
      partOf(split, 'shape'),
      `found ${found}, channels first; expected ${expected} as in train`,
    );
  }
  requireSuitingOptions(train.kind, options);
  const labels = mapGiven(given, (each) => each.labels) as Parameters<typeof numberClasses>[0];
  const numbered = numberClasses(labels, classes, (split, i) => partOf(split, `labels[${i}]`));
  const { dir = defaultCache } = options;
  const splits = splitNames.filter((split) => checked[split] !== undefined);
  const name = nameOf(checked, numbered);
  const there = join(dir, name);
  const path = isWhole(there, splits)
    ? there
    : await arrayFolder(dir, splits, (folder) => {
        for (const split of splits) write(join(folder, arrayFileOf(split)), checked[split]!, split, numbered);
        return name;
      });
  return arrayDataset(path, train.kind, train.sample, options);
}

function check(samples: ArraySamples, split: SplitName): Checked {
  const at = (part: string) => partOf(split, part);
  const { images, shape, layout, labels } = samples;
  const isFloat = images instanceof Float32Array;
  if (!isFloat && !(images instanceof Uint8Array) && !(images instanceof Uint8ClampedArray))
    throw inputError(at('images'), 'expected a Uint8Array of pixels or a Float32Array of values');
  if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size) && size >= 1))
    throw inputError(at('shape'), `found ${JSON.stringify(shape)}; expected a list of sizes from 1`);
  if (layout !== undefined && layout !== 'hwc' && layout !== 'chw')
    throw inputError(at('layout'), `found ${JSON.stringify(layout)}; expected hwc or chw`);
  if (sizeOf(shape) !== images.length)
    throw inputError(
      at('shape'),
      `[${shape.join(', ')}] are ${sizeOf(shape)} values; images has ${images.length}`,
    );
  const [count, ...sizes] = shape as [number, ...number[]];
  if (labels?.length !== count)
    throw inputError(
      at('labels'),
      `found ${labels?.length ?? 'none'} for ${count} samples (the first of shape)`,
    );
  const kind = isFloat ? 'values' : 'images';
  const sample = sampleOf(kind, sizes, layout, at);
  const isTurned = sizes.length === 3 && layout !== 'chw';
  if (isFloat) requireFinite(images, sizeOf(sizes), at);
  return { ...samples, kind, count, sample, interleaved: isTurned ? sizes[2]! : 1 };
}

function sampleOf(
  kind: Checked['kind'],
  sizes: readonly number[],
  layout: ArraySamples['layout'],
  at: (part: string) => string,
): readonly number[] {
  if (kind === 'values' && sizes.length === 1) return sizes;
  if (sizes.length === 2) return [1, ...sizes];
  if (sizes.length !== 3) {
    const expected =
      kind === 'values'
        ? '[n, features] or [n, channels, height, width]'
        : '[n, height, width, channels] or [n, height, width]';
    throw inputError(at('shape'), `found ${sizes.length + 1} sizes; expected ${expected}`);
  }
  if (kind === 'values' && layout === undefined)
    throw inputError(
      at('layout'),
      'say where the channels are: hwc for [n, height, width, channels], chw for [n, channels, height, width]',
    );
  const [a, b, c] = sizes as [number, number, number];
  const sample = layout === 'chw' ? sizes : [c, a, b];
  if (kind === 'values' || sample[0] === 1 || sample[0] === 3) return sample;
  const other = layout === 'chw' ? 'hwc' : 'chw';
  throw inputError(
    at('shape'),
    `found ${sample[0]} channels; expected 1 or 3 (is the layout ${other}? lay transparent pixels on a background first)`,
  );
}

function requireFinite(values: Float32Array, size: number, at: (part: string) => string): void {
  const odd = values.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0)
    throw inputError(
      at(`images[${odd}]`),
      `found ${values[odd]} in sample ${Math.floor(odd / size)}; expected a finite number`,
    );
}

/** The first 64 bits of SHA-256 over all that is written. */
function nameOf(checked: Given<Checked>, { classes, labels }: Numbered): string {
  const hash = createHash('sha256');
  const about = mapGiven(checked, ({ kind, count, sample, interleaved }) => [
    kind,
    count,
    sample,
    interleaved,
  ]);
  hash.update(JSON.stringify([version, classes, about]));
  for (const split of splitNames) {
    const each = checked[split];
    if (each === undefined) continue;
    hash.update(bytesOf(labels[split]!));
    const bytes = new Uint8Array(each.images.buffer, each.images.byteOffset, each.images.byteLength);
    for (let at = 0; at < bytes.length; at += pieceBytes) hash.update(bytes.subarray(at, at + pieceBytes));
  }
  return hash.digest('hex').slice(0, 16);
}

function write(
  path: string,
  { kind, images, count, sample, interleaved }: Checked,
  split: SplitName,
  numbered: Numbered,
): void {
  const shapes = new Map([
    [kind, { dtype: kind === 'values' ? 'F32' : 'U8', shape: [count, ...sample] }],
    ['labels', { dtype: 'I32', shape: [count] }],
  ] as const);
  const { classes, labels } = numbered;
  const writer = new SafetensorsWriter(path, shapes, classes && { classes: JSON.stringify(classes) });
  try {
    const size = sizeOf(sample);
    const atOnce = Math.max(1, Math.floor(pieceBytes / (size * images.BYTES_PER_ELEMENT)));
    for (let first = 0; first < count; first += atOnce) {
      const piece = images.subarray(first * size, Math.min(first + atOnce, count) * size);
      const planar = interleaved === 1 ? piece : planarOf(piece, size, interleaved);
      writer.append(kind, new Uint8Array(planar.buffer, planar.byteOffset, planar.byteLength));
    }
    writer.append('labels', bytesOf(labels[split]!));
    writer.commit();
  } finally {
    writer.abort();
  }
}

/** From `[samples, pixels, channels]` to `[samples, channels, pixels]`. */
function planarOf<T extends Checked['images']>(piece: T, size: number, channels: number): T {
  const out = piece.slice() as T;
  const pixels = size / channels;
  for (let begin = 0; begin < piece.length; begin += size) {
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < pixels; i++) out[begin + c * pixels + i] = piece[begin + i * channels + c]!;
    }
  }
  return out;
}
