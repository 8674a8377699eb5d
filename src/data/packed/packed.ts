import { createHash } from 'node:crypto';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import type { DataConfig, FeaturesConfig } from '../../config/schema.js';
import {
  bytesOf,
  type Dtype,
  readSafetensorsHeader,
  readTensor,
  type SafetensorsHeader,
  type TensorShapes,
} from '../../tensors/safetensors.js';
import { type PackedDataset, type PackedSplit, perSplit, type SplitName, splitNames } from '../dataset.js';
import { dataError } from '../faults.js';
import { sampleShape, sampleType } from '../features.js';
import { normalizationOf, PixelSums, type WrittenSums } from '../pixel-sums.js';
import { packedFormat } from './key.js';

/**
 * The format of the packed file. It is a safetensors file with, for each split:
 * - `SPLIT.samples`, U8 or F32 `[N, ...sampleShape]`, and `SPLIT.labels`, I32 `[N]`,
 * - `SPLIT.identities`, U64 `[N]`: identify unchanged images when the dataset is packed again,
 * - `SPLIT.checksums`, U32 `[N]`: CRC-32 of each sample's bytes,
 * - `SPLIT.remarks`, U8 `[N]`: each image's bit set of `remarks`, shown at every start,
 * and metadata about the dataset. Its bytes do not depend on `normalize`: the metadata holds sums from which every normalization is
 * computed.
 */

interface PackedMetadata extends JsonMetadata {
  readonly key: string;
  readonly recipe: string;
  /** The hash of `contentsOf`, which detects a changed bit. */
  readonly contents: string;
}

/** The path of the packed dataset with this key. */
export function packedPath(config: DataConfig, key: string): string {
  return join(config.cache, `${stemOf(config)}${key.slice(0, 16)}.safetensors`);
}

/** Whether a file name in the cache is that of a packed dataset of the config's folder, with any settings. */
export function isPackedName(config: DataConfig, name: string): boolean {
  const stem = stemOf(config);
  return name.startsWith(stem) && /^[0-9a-f]{16}\.safetensors$/.test(name.slice(stem.length));
}

const stemOf = (config: DataConfig) => `${basename(resolve(config.dir)) || 'dataset'}-`;

export function toMetadata(metadata: PackedMetadata): Record<string, string> {
  const { key, recipe, contents, classes, trainSums, skipped } = metadata;
  const json = Object.entries({ classes, trainSums, skipped }).map(([name, value]) => [
    name,
    JSON.stringify(value),
  ]);
  const format = `lockstep packed dataset ${packedFormat}`;
  return { format, key, recipe, contents, ...Object.fromEntries(json) };
}

export function packedTensors(
  features: FeaturesConfig,
  samples: Readonly<Record<SplitName, number>>,
): TensorShapes {
  const dtype = sampleType(features) === 'uint8' ? 'U8' : 'F32';
  const tensors = new Map<string, { dtype: Dtype; shape: number[] }>();
  for (const name of splitNames) {
    const shape = [samples[name]];
    tensors.set(`${name}.identities`, { dtype: 'U64', shape });
    tensors.set(`${name}.labels`, { dtype: 'I32', shape });
    tensors.set(`${name}.checksums`, { dtype: 'U32', shape });
    tensors.set(`${name}.remarks`, { dtype: 'U8', shape });
  }
  for (const name of splitNames) {
    tensors.set(`${name}.samples`, { dtype, shape: [samples[name], ...sampleShape(features)] });
  }
  return tensors;
}

/**
 * Reads everything in a packed file except the samples. Throws a UserError where the file has another key, or a bit has changed since it
 * was written.
 */
export function readPacked(path: string, key: string, config: DataConfig): PackedDataset {
  const { features } = config;
  const header = readSafetensorsHeader(path);
  const { metadata } = header;
  if (metadata['key'] !== key) {
    throw dataError(`${path}: found the dataset of key ${metadata['key']}, expected that of ${key}.`, path);
  }
  requireTensors(path, header, features);
  requireContents(path, header);
  const samples = samplesIn(header);
  const { classes, trainSums, skipped } = readJsonMetadata(path, metadata);
  requireLabels(path, header, classes.length);
  const begin = (name: string) => header.tensors.get(name)!.begin;
  const split = (name: SplitName): PackedSplit => ({
    samples: samples[name],
    samplesOffset: begin(`${name}.samples`),
    labelsOffset: begin(`${name}.labels`),
    checksumsOffset: begin(`${name}.checksums`),
  });
  const normalization = normalizationOf(features, PixelSums.from(trainSums));
  if (![...normalization.mean, ...normalization.deviation].every(Number.isFinite)) {
    throw dataError(`${path}: its trainSums are of no pixels that there can be.`, path);
  }
  return {
    path,
    key,
    classes,
    sampleType: sampleType(features),
    sampleShape: sampleShape(features),
    normalization,
    splits: perSplit(split),
    skipped,
  };
}

/** Throws a UserError where the file has not the tensors of a packed file with these features. */
export function requireTensors(path: string, header: SafetensorsHeader, features: FeaturesConfig): void {
  for (const [name, { dtype, shape }] of packedTensors(features, samplesIn(header))) {
    const found = header.tensors.get(name);
    if (found?.dtype === dtype && String(found.shape) === String(shape)) continue;
    throw dataError(`${path}: expected ${name}, ${dtype} [${shape.join(', ')}].`, path);
  }
}

/** Throws a UserError for a label that is out of range: kernels use labels as indices. */
function requireLabels(path: string, { tensors }: SafetensorsHeader, classes: number): void {
  for (const split of splitNames) {
    const labels = readTensor(path, tensors.get(`${split}.labels`)!).data as Int32Array;
    if (labels.every((label) => label >= 0 && label < classes)) continue;
    throw dataError(`${path}: found a label of ${split} that is none of its ${classes} classes.`, path);
  }
}

/** Throws a UserError where labels, identities, checksums or header have changed since they were written. */
export function requireContents(path: string, header: SafetensorsHeader): void {
  if (contentsOf(path, header) !== header.metadata['contents']) {
    throw dataError(`${path}: found other labels or another header than were written.`, path);
  }
}

/**
 * SHA-256 (hex) of everything in a packed file except this hash and the samples, which have checksums of their own: the header,
 * identities, labels, checksums and remarks.
 */
export function contentsOf(path: string, { metadata, tensors }: SafetensorsHeader): string {
  const { contents: _, ...others } = metadata;
  const hash = createHash('sha256');
  hash.update(JSON.stringify([others, [...tensors]]));
  for (const [name, entry] of tensors) {
    if (!name.endsWith('.samples')) hash.update(bytesOf(readTensor(path, entry).data));
  }
  return hash.digest('hex');
}

/** Number of samples of each split. */
export function samplesIn({ tensors }: SafetensorsHeader): Record<SplitName, number> {
  return perSplit((name) => tensors.get(`${name}.samples`)?.shape[0] ?? 0);
}

/** The values in a packed file's metadata that are encoded as JSON. */
export interface JsonMetadata {
  readonly classes: readonly string[];
  /** Sums over the pixels of the training split. */
  readonly trainSums: WrittenSums;
  readonly skipped: PackedDataset['skipped'];
}

const digits = z.string().regex(/^\d{1,40}$/);
const channels = z.tuple([digits, digits, digits]);
const schema: z.ZodType<JsonMetadata> = z.object({
  classes: z.array(z.string()),
  trainSums: z.object({ count: digits, sum: channels, squares: channels }),
  skipped: z.array(z.object({ file: z.string(), reason: z.string() })),
});

/** Throws a UserError where the metadata is not that of a packed file. `path` is the file's, for messages. */
function readJsonMetadata(path: string, metadata: Readonly<Record<string, string>>): JsonMetadata {
  const result = schema.safeParse(
    Object.fromEntries(['classes', 'trainSums', 'skipped'].map((name) => [name, jsonOf(metadata[name])])),
  );
  if (result.success) return result.data;
  throw dataError(
    `${path}: its metadata has no ${String(result.error.issues[0]!.path[0])} as packed datasets have.`,
    path,
  );
}

/** Undefined where the text is not JSON. */
function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '') as unknown;
  } catch {
    return undefined;
  }
}
