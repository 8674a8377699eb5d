import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type SplitName, splitNames } from '../../data/dataset.js';
import { readRange } from '../../data/images/read-range.js';
import { arrayFileOf } from '../../data/sources/arrays.js';
import { type Given, mapGiven } from '../../data/sources/form.js';
import { tryToRemove } from '../../files/temporary.js';
import { readFully, writeFully } from '../../files/transfer.js';
import { unwritable } from '../../files/unwritable.js';
import { hasValues, ImageError, toSent } from '../../inference/image-input.js';
import { isMany, iterated } from '../../inference/in-order.js';
import { bytesOf, type Dtype, SafetensorsWriter } from '../../tensors/safetensors.js';
import { argumentError } from '../argument-error.js';
import type { Dataset } from '../dataset.js';
import { type ArrayKind, arrayDataset, defaultCache, requireSuitingOptions } from './dataset.js';
import { arrayFolder } from './folder.js';
import type { IterableOptions, LabelledImage, LabelledImages } from './input.js';
import { inputError, type Numbered, numberClasses, partOf } from './labels.js';

/** A change of what is written raises it. */
const version = 1;
/** Bytes that are copied at a time. */
const pieceBytes = 2 ** 24;

/** A sample's bytes as they are written. */
interface Taken {
  readonly kind: ArrayKind;
  /** `[channels, height, width]` or `[features]`; of a file nothing. */
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** As `fromIterable`. */
export async function collectSamples(
  train: LabelledImages,
  { validation, test, classes, shape, ...options }: IterableOptions,
): Promise<Dataset> {
  const given: Given<LabelledImages> = { train, ...(validation && { validation }), ...(test && { test }) };
  const splits = splitNames.filter((split) => given[split] !== undefined);
  for (const split of splits)
    if (!isMany(given[split])) throw noSamples(given[split], partOf(split, 'samples'));
  const { dir = defaultCache } = options;
  let first: Taken | undefined;
  const path = await arrayFolder(dir, splits, async (folder) => {
    const collected: Partial<Record<SplitName, Collected>> = {};
    try {
      return await collect(folder, collected);
    } finally {
      for (const each of Object.values(collected)) each.close();
    }
  });
  return arrayDataset(path, first!.kind, first!.shape, options);

  /** Writes the splits' files; gives the name of their folder. */
  async function collect(folder: string, collected: Partial<Record<SplitName, Collected>>): Promise<string> {
    const hash = createHash('sha256');
    for (const split of splits) {
      const each = new Collected(join(folder, `${split}.bytes`));
      collected[split] = each;
      for await (const sample of iterated(given[split]!)) {
        const at = partOf(split, `samples[${each.labels.length}]`);
        const taken = take(sample, at, shape);
        first ??= taken;
        requireSame(taken, first, at);
        requireSuitingOptions(taken.kind, options);
        each.add(taken.bytes, labelOf(sample, at), hash);
      }
      if (each.labels.length === 0) throw inputError(partOf(split, 'samples'), 'it gave none');
    }
    const labels = mapGiven(collected, (each) => each.labels as readonly string[]);
    const place = (split: SplitName, i: number) => partOf(split, `samples[${i}]`);
    const numbered = numberClasses({ ...labels, train: labels.train! }, classes, place);
    for (const split of splits)
      collected[split]!.write(join(folder, arrayFileOf(split)), first!, split, numbered);
    const sizes = splits.map((split) => [split, collected[split]!.ends]);
    const { kind, shape: sample } = first!;
    hash.update(JSON.stringify([version, kind, sample, numbered.classes, sizes]));
    for (const split of splits) hash.update(bytesOf(numbered.labels[split]!));
    return hash.digest('hex').slice(0, 16);
  }
}

/** Samples of a split as they come: their bytes lie in a file until their number is known. */
class Collected {
  readonly labels: (number | string)[] = [];
  /** The byte at which each sample ends. */
  readonly ends: number[] = [];
  readonly #path: string;
  readonly #file: number;

  constructor(path: string) {
    this.#path = path;
    try {
      this.#file = openSync(path, 'wx+');
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  add(bytes: Uint8Array, label: number | string, hash: Hash): void {
    const begin = this.ends.at(-1) ?? 0;
    hash.update(bytes);
    try {
      writeFully(this.#file, bytes, begin);
    } catch (error) {
      throw unwritable(this.#path, error);
    }
    this.ends.push(begin + bytes.length);
    this.labels.push(label);
  }

  /** Writes the split's file, and removes its own bytes. */
  write(path: string, { kind, shape }: Taken, split: SplitName, { classes, labels }: Numbered): void {
    const bytes = this.ends.at(-1)!;
    const count = this.labels.length;
    const shapes = new Map<string, { dtype: Dtype; shape: readonly number[] }>([
      [
        kind,
        { dtype: kind === 'values' ? 'F32' : 'U8', shape: kind === 'files' ? [bytes] : [count, ...shape] },
      ],
      ['labels', { dtype: 'I32', shape: [count] }],
    ]);
    if (kind === 'files') shapes.set('ends', { dtype: 'I64', shape: [count] });
    const writer = new SafetensorsWriter(path, shapes, classes && { classes: JSON.stringify(classes) });
    try {
      const piece = new Uint8Array(Math.min(pieceBytes, bytes));
      for (let at = 0; at < bytes; at += piece.length) {
        const some = piece.subarray(0, Math.min(piece.length, bytes - at));
        readFully(this.#file, some, at);
        writer.append(kind, some);
      }
      writer.append('labels', bytesOf(labels[split]!));
      if (kind === 'files') writer.append('ends', bytesOf(BigInt64Array.from(this.ends, BigInt)));
      writer.commit();
    } finally {
      writer.abort();
    }
    tryToRemove(this.#path);
  }

  close(): void {
    closeSync(this.#file);
  }
}

const noSamples = (found: unknown, argument: string) =>
  argumentError(
    'fromIterable',
    'samples, such as an array or an async generator of { image, label }',
    found,
    argument,
  );

function labelOf(sample: LabelledImage, at: string): number | string {
  const label = 'class' in sample ? sample.class : 'label' in sample ? sample.label : undefined;
  if (typeof label === 'number' || typeof label === 'string') return label;
  throw inputError(at, 'found no class; expected { image, label: number } or { image, class: string }');
}

function take(sample: LabelledImage, at: string, shape: readonly number[] | undefined): Taken {
  const image = (sample as Partial<LabelledImage> | undefined)?.image;
  if (image === undefined)
    throw inputError(at, 'found no image; expected { image, label } or { image, class }');
  try {
    return takenOf(image, at, shape);
  } catch (error) {
    if (error instanceof ImageError) throw inputError(at, `${error.reason}`);
    throw error;
  }
}

function takenOf(image: LabelledImage['image'], at: string, shape: readonly number[] | undefined): Taken {
  const values = hasValues(image) ? (shape ?? [image.values.length]) : undefined;
  const sent = toSent(image, values);
  switch (sent.type) {
    case 'file':
      return { kind: 'files', shape: [], bytes: readImage(sent.file, at) };
    case 'bytes':
      return { kind: 'files', shape: [], bytes: sent.bytes };
    case 'values':
      return { kind: 'values', shape: values!, bytes: bytesOf(sent.values) };
    case 'pixels': {
      const { pixels, width, height, channels } = sent;
      if (channels === 4)
        throw inputError(
          at,
          'found raw pixels with alpha; lay them on a background, or give a PNG file of them',
        );
      const planar = new Uint8Array(pixels.length);
      for (let i = 0; i < pixels.length; i++)
        planar[(i % channels) * width * height + Math.floor(i / channels)] = pixels[i]!;
      return { kind: 'images', shape: [channels, height, width], bytes: planar };
    }
  }
}

function readImage(file: string, at: string): Uint8Array {
  try {
    return readRange({ file });
  } catch (error) {
    throw inputError(at, `${file} cannot be read: ${(error as Error).message}`);
  }
}

function requireSame(taken: Taken, first: Taken, at: string): void {
  if (taken.kind === first.kind && String(taken.shape) === String(first.shape)) return;
  const words = ({ kind, shape }: Taken) =>
    kind === 'files'
      ? 'an image file'
      : `${kind === 'values' ? 'values' : 'raw pixels'} of [${shape.join(', ')}]`;
  const advice =
    taken.kind === 'images' && first.kind === 'images'
      ? '; encode images of different sizes, such as PNG files in memory'
      : '';
  throw inputError(at, `found ${words(taken)}; expected ${words(first)} as the first sample is${advice}`);
}
