import { basename, join, resolve } from 'node:path';
import type { DataConfig } from '../config/schema.js';
import { readSafetensorsHeader } from '../tensors/safetensors.js';
import { type PackedDataset, type PackedSplit, type SplitName, splitNames } from './dataset.js';
import { dataError } from './faults.js';
import { sampleShape, sampleType } from './features.js';
import type { ChannelSums } from './image-tasks.js';
import { packedFormat } from './key.js';
import { normalizationOf } from './normalization.js';

/**
 * The packed file: a safetensors file with `train.samples`, `train.labels`, and so on for each split, and a metadata
 * that says what it is. Its bytes do not depend on `normalize`: it holds the sums that any normalization follows from.
 */

interface PackedMetadata {
  readonly key: string;
  readonly classes: readonly string[];
  /** Over the pixels of the training split. */
  readonly trainSums: ChannelSums;
  readonly skipped: PackedDataset['skipped'];
  /** For a reader of the file; lockstep does not read it. */
  readonly settings: unknown;
}

/** Where the packed dataset of this key lies. */
export function packedPath(config: DataConfig, key: string): string {
  return join(config.cache, `${stemOf(config)}${key.slice(0, 16)}.safetensors`);
}

/** Whether the file of this name in the cache is a packed dataset of this config's folder, whatever the settings. */
export function isPackedName(config: DataConfig, name: string): boolean {
  const stem = stemOf(config);
  return name.startsWith(stem) && /^[0-9a-f]{16}\.safetensors$/.test(name.slice(stem.length));
}

const stemOf = (config: DataConfig) => `${basename(resolve(config.dir)) || 'dataset'}-`;

export function toMetadata(metadata: PackedMetadata): Record<string, string> {
  const { key, classes, trainSums, skipped, settings } = metadata;
  const json = { classes, trainSums, skipped, settings };
  const texts = Object.entries(json).map(([name, value]) => [name, JSON.stringify(value)]);
  return { format: `lockstep packed dataset ${packedFormat}`, key, ...Object.fromEntries(texts) };
}

/** Reads the header of a packed file. Throws a UserError where it is not the dataset of this key. */
export function readPacked(path: string, key: string, config: DataConfig): PackedDataset {
  const { metadata, tensors } = readSafetensorsHeader(path);
  if (metadata['key'] !== key) {
    throw dataError(
      `${path}: found key ${metadata['key']}, expected ${key}; delete the file to make it anew.`,
    );
  }
  const shape = sampleShape(config.features);
  const dtype = sampleType(config.features) === 'uint8' ? 'U8' : 'F32';
  const split = (name: SplitName): PackedSplit => {
    const samples = tensors.get(`${name}.samples`);
    const labels = tensors.get(`${name}.labels`);
    const count = samples?.shape[0] ?? 0;
    if (
      samples?.dtype !== dtype ||
      labels?.dtype !== 'I32' ||
      String(samples.shape) !== String([count, ...shape]) ||
      String(labels.shape) !== String([count])
    ) {
      throw dataError(
        `${path}: expected ${name}.samples, ${dtype} [N, ${shape.join(', ')}], and ${name}.labels, I32 [N].`,
      );
    }
    return { samples: count, samplesOffset: samples.begin, labelsOffset: labels.begin };
  };
  const json = <T>(name: string) => JSON.parse(metadata[name] ?? 'null') as T;
  return {
    path,
    key,
    classes: json<readonly string[]>('classes'),
    sampleType: sampleType(config.features),
    sampleShape: shape,
    normalization: normalizationOf(config.features, json<ChannelSums>('trainSums')),
    splits: Object.fromEntries(splitNames.map((name) => [name, split(name)])) as PackedDataset['splits'],
    skipped: json<PackedDataset['skipped']>('skipped'),
  };
}
