import { join } from 'node:path';
import { z } from 'zod';
import {
  readSafetensorsHeader,
  readTensor,
  type SafetensorsHeader,
  type TensorEntry,
} from '../../tensors/safetensors.js';
import { type SplitName, splitNames } from '../dataset.js';
import { counted, dataError, listed } from '../faults.js';
import type { ByteRange, Encoding, SourceSplit } from '../source.js';
import { deciding, type Form, type Given, mapGiven, requireSome } from './form.js';
import { type ClassNames, LabelTexts, type Numbering, numberLabels, readClassNames } from './labels.js';

/**
 * Arrays in safetensors files, `train.safetensors`, `validation.safetensors` and `test.safetensors`, as programs write them. Each has one of
 * - `images`, U8 `[n, channels, height, width]`: pixels, gray or RGB,
 * - `values`, F32 `[n, ...]`: what the network shall see,
 * - `files`, U8 `[bytes]`, and `ends`, I64 `[n]`: image files one after the other, and where each ends,
 * and `labels`, integers `[n]` from 0. Metadata `classes` of train's file, JSON, names the classes in label order.
 */

export const arrayFileOf = (split: SplitName): string => `${split}.safetensors`;

const kinds = ['images', 'values', 'files'] as const;
type Kind = (typeof kinds)[number];

const shownFaults = 20;

export const arrays: Form = {
  holds: `${arrayFileOf('train')}, and ${arrayFileOf('validation')} and ${arrayFileOf('test')} where there are any`,

  fits: ({ files }) => splitNames.some((split) => files.includes(arrayFileOf(split))),

  read({ path: dir, files }, { maxPixels }) {
    const opened: Partial<Record<SplitName, ArrayFile>> = {};
    for (const split of splitNames) {
      if (files.includes(arrayFileOf(split))) opened[split] = openArrayFile(dir, split);
    }
    const given: Given<ArrayFile> = opened;
    requireSome(dir, given, arrays.holds);
    const encoding = encodingOf(given, maxPixels);
    const texts = new LabelTexts();
    const ids = mapGiven(given, ({ labels }) =>
      Int32Array.from(labels, (label) => texts.idOf(String(label))),
    );
    const numbering = numberLabels({
      texts: texts.all,
      ...deciding(ids, (each) => each, arrayFileOf),
      names: classNamesOf(dir, given),
    });
    return {
      dir,
      classes: numbering.classes,
      splits: mapGiven(given, (file, split) => toSplit(file, split, ids[split]!, numbering)),
      encoding,
      notes: numbering.notes,
      uses: new Set(splitNames.filter((split) => given[split] !== undefined).map(arrayFileOf)),
    };
  },
};

interface ArrayFile {
  readonly path: string;
  readonly name: string;
  readonly kind: Kind;
  readonly data: TensorEntry;
  readonly labels: ArrayLike<number>;
  /** Of files: the byte in `data` at which each image ends. */
  readonly ends: ArrayLike<number> | undefined;
  readonly metadata: SafetensorsHeader['metadata'];
}

function openArrayFile(dir: string, split: SplitName): ArrayFile {
  const name = arrayFileOf(split);
  const path = join(dir, name);
  const { tensors, metadata } = readSafetensorsHeader(path);
  const found = kinds.filter((kind) => tensors.has(kind));
  const [kind] = found;
  const shown = [...tensors.keys()].slice(0, 8).join(', ') || 'no tensor';
  if (kind === undefined || found.length > 1)
    throw dataError(`${path}: found ${shown}; expected labels, and one of ${kinds.join(', ')}.`, path);
  const data = tensors.get(kind)!;
  const labels = integersOf(path, tensors, 'labels');
  const ends = kind === 'files' ? integersOf(path, tensors, 'ends') : undefined;
  requireShape(path, kind, data);
  const samples = ends?.length ?? data.shape[0]!;
  if (samples === 0) throw dataError(`${path}: holds no samples; leave a split without any out.`, path);
  if (samples !== labels.length) {
    throw dataError(
      `${path}: found ${counted(samples, 'sample')}, and ${counted(labels.length, 'label')}.`,
      path,
    );
  }
  if (ends !== undefined) requireAscending(path, ends, data.bytes);
  return { path, name, kind, data, labels, ends, metadata };
}

/** A tensor of integers, `[n]`. */
function integersOf(path: string, tensors: SafetensorsHeader['tensors'], name: string): ArrayLike<number> {
  const entry = tensors.get(name);
  const isKnown =
    entry !== undefined && ['U8', 'I32', 'I64'].includes(entry.dtype) && entry.shape.length === 1;
  if (!isKnown) {
    const found = entry === undefined ? 'none' : shapeText(entry);
    throw dataError(`${path}: expected the tensor ${name}, I32, I64 or U8 [n]; found ${found}.`, path);
  }
  const { data } = readTensor(path, entry);
  return data instanceof BigInt64Array ? Float64Array.from(data, Number) : (data as Uint8Array | Int32Array);
}

function requireShape(path: string, kind: Kind, { dtype, shape, ...entry }: TensorEntry): void {
  const refuse = (expected: string, advice = ''): never => {
    throw dataError(
      `${path}: ${kind} is ${shapeText({ dtype, shape })}; expected ${expected}.${advice}`,
      path,
    );
  };
  if (kind === 'files' && (dtype !== 'U8' || shape.length !== 1)) refuse('U8 [bytes]');
  if (kind === 'images') {
    const isLast = shape.length === 4 && (shape[3] === 1 || shape[3] === 3);
    const advice = isLast ? ' The channels come before the rows: transpose it.' : '';
    if (dtype !== 'U8' || shape.length !== 4 || ![1, 3].includes(shape[1]!))
      refuse('U8 [n, channels, height, width] with 1 or 3 channels', advice);
  }
  if (kind === 'values' && (dtype !== 'F32' || (shape.length !== 2 && shape.length !== 4)))
    refuse('F32 [n, features] or [n, channels, height, width]');
  if (shape.slice(1).includes(0)) refuse('sizes from 1');
  if (kind === 'values' && entry.begin % 4 !== 0) refuse('values that begin at a multiple of 4 bytes');
}

const shapeText = ({ dtype, shape }: Pick<TensorEntry, 'dtype' | 'shape'>) =>
  `${dtype} [${shape.join(', ')}]`;

function requireAscending(path: string, ends: ArrayLike<number>, bytes: number): void {
  for (let i = 0; i < ends.length; i++) {
    const [begin, end] = [i === 0 ? 0 : ends[i - 1]!, ends[i]!];
    if (end >= begin && end <= bytes) continue;
    throw dataError(`${path}: image ${i} ends at byte ${end} of files; expected ${begin} to ${bytes}.`, path);
  }
}

/** The encoding, which must be the same in all splits. */
function encodingOf(given: Given<ArrayFile>, maxPixels: number): Encoding {
  const all = Object.values(given);
  const first = all[0]!;
  const shapeOf = ({ data, kind }: ArrayFile) => (kind === 'files' ? [] : data.shape.slice(1));
  const shape = shapeOf(first);
  for (const file of all) {
    if (file.kind === first.kind && String(shapeOf(file)) === String(shape)) continue;
    throw dataError(
      `${file.path}: found ${file.kind} of [${shapeOf(file).join(', ')}], expected ${first.kind} of [${shape.join(', ')}] as in ${first.name}.`,
      file.path,
    );
  }
  if (first.kind === 'files') return { type: 'file' };
  if (first.kind === 'values') return { type: 'values', shape };
  const [channels, height, width] = shape as [number, number, number];
  if (height * width > maxPixels) {
    throw dataError(
      `${first.path}: found images of ${height} x ${width}, expected at most ${maxPixels} pixels (data.maxPixels).`,
      first.path,
    );
  }
  return { type: channels === 1 ? 'gray' : 'planarRgb', height, width };
}

function classNamesOf(dir: string, given: Given<ArrayFile>): ClassNames | undefined {
  const { path, name, metadata } = (given.train ?? Object.values(given)[0])!;
  const text = metadata['classes'];
  if (text === undefined) return readClassNames(dir);
  try {
    return { file: name, names: z.array(z.string().min(1)).min(1).parse(JSON.parse(text)) };
  } catch (cause) {
    const message = `${path}: its metadata has classes that are no names; expected a JSON list of strings.`;
    throw Object.assign(dataError(message), { cause });
  }
}

function toSplit(file: ArrayFile, split: SplitName, ids: Int32Array, { labelsOf }: Numbering): SourceSplit {
  const faults: string[] = [];
  const labels = labelsOf(ids, (sample, what) => {
    faults.push(`${file.path}#${sample}: ${what}`);
  });
  if (faults.length > 0) throw dataError(listed(faults, shownFaults));
  return {
    labels,
    nameOf: (sample) => `${file.name}#${sample}`,
    // As the library's fromIterable names it.
    placeOf: (sample) => `${split === 'train' ? '' : `${split}.`}samples[${sample}]`,
    bytesOf: (sample) => rangeOf(file, sample),
  };
}

function rangeOf({ path, data, ends }: ArrayFile, sample: number): ByteRange {
  if (ends !== undefined) {
    const first = sample === 0 ? 0 : ends[sample - 1]!;
    return { file: path, part: { begin: data.begin + first, length: ends[sample]! - first } };
  }
  const length = data.bytes / data.shape[0]!;
  return { file: path, part: { begin: data.begin + sample * length, length } };
}
