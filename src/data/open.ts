import { existsSync } from 'node:fs';
import type { DataConfig } from '../config/schema.js';
import { ExitCode, UserError } from '../errors.js';
import { removeLeftovers } from '../files/temporary.js';
import { touch } from '../files/touch.js';
import { readSafetensorsHeader, readTensor } from '../tensors/safetensors.js';
import { type PackedDataset, splitNames } from './dataset.js';
import { dataError } from './faults.js';
import { requireSuiting } from './features.js';
import { namesOfPacked, withNames } from './image-names.js';
import { damagedSamples } from './packed/checksums.js';
import { stampsOf } from './packed/image-identities.js';
import { datasetKey, packSettings, recipeOf } from './packed/key.js';
import { packDataset } from './packed/pack.js';
import { isPackedName, packedPath, readPacked } from './packed/packed.js';
import { type Remarked, remarkWarnings } from './remarks.js';
import type { Source } from './source.js';
import { openSource } from './sources/open.js';
import { generateShapes } from './synthetic/generate.js';

export interface OpenOptions {
  /** Threads that draw and decode. The dataset's bytes do not depend on their number. */
  readonly threads: number;
  readonly onProgress?: (progress: DataProgress) => void;
  /** The source that `openSource` gave for the same config, if it has been read already. */
  readonly source?: Source | undefined;
  readonly onWarning?: (message: string) => void;
  /** Whether to check every sample's checksum in an existing packed file. */
  readonly verify?: boolean;
}

export interface DataProgress {
  readonly phase: 'drawing' | 'decoding' | 'downloading' | 'unpacking' | 'inspecting' | 'evaluating';
  /** Images; when downloading, bytes; when unpacking, entries of the archive. */
  readonly done: number;
  readonly total: number;
  /** How many of the images `done` were decoded by an earlier packing, perhaps an interrupted one. */
  readonly reused?: number;
}

/**
 * The dataset of a config, packed. A generated dataset that is missing is drawn first. An existing packed file of these settings is
 * used as it is; a damaged one is made again, with a warning.
 *
 * Throws a UserError for anything that is wrong with the dataset.
 */
export async function openDataset(config: DataConfig, options: OpenOptions): Promise<PackedDataset> {
  const { threads, onProgress, onWarning, verify = false } = options;
  if (config.generate !== undefined) {
    await generateShapes(config.dir, config.generate, threads, (done, total) =>
      onProgress?.({ phase: 'drawing', done, total }),
    );
  }
  removeLeftovers(config.cache, (name) => isPackedName(config, name));
  const source = options.source ?? (await openSource(config));
  requireSuiting(config, source);
  const settings = packSettings(config);
  const stamps = await stampsOf(source);
  const key = datasetKey(source, stamps, settings);
  const path = packedPath(config, key);
  const withRemarks = (dataset: PackedDataset) => {
    for (const warning of packedWarnings(dataset, source)) onWarning?.(warning);
    return withNames(dataset, source);
  };
  if (existsSync(path)) {
    try {
      const dataset = readUndamaged(path, key, config, verify);
      touch(path); // tells other packings that the file is in use
      return withRemarks(dataset);
    } catch (error) {
      // A failure of the machine says nothing about the file.
      if (!(error instanceof UserError) || error.exitCode === ExitCode.environment) throw error;
      onWarning?.(`${error.message} It is made again.`);
    }
  }
  const recipe = recipeOf(source, settings);
  await packDataset(source, stamps, {
    config,
    path,
    key,
    recipe,
    threads,
    onProgress: (done, reused, total) => onProgress?.({ phase: 'decoding', done, total, reused }),
  });
  return withRemarks(readPacked(path, key, config));
}

/** Warnings about a packed dataset's images. Shown at every start, since the packing may be long ago. */
function packedWarnings({ path, skipped, classes }: PackedDataset, source: Source): string[] {
  const { tensors } = readSafetensorsHeader(path);
  const read = (tensor: string) => readTensor(path, tensors.get(tensor)!).data;
  const [train, ...others] = splitNames.map((name): Remarked => {
    const nameOf = namesOfPacked(source.splits[name], skipped);
    return { remarks: read(`${name}.remarks`) as Uint8Array, nameOf };
  });
  const labels = read('train.labels') as Int32Array;
  const colors = read('train.checksums') as Uint32Array;
  return remarkWarnings({ ...train!, labels, colors }, others, classes);
}

function readUndamaged(path: string, key: string, config: DataConfig, verify: boolean): PackedDataset {
  const dataset = readPacked(path, key, config);
  const damaged = verify ? damagedSamples(dataset) : [];
  if (damaged.length === 0) return dataset;
  const [{ split, index }] = damaged as [(typeof damaged)[0]];
  const first = `sample ${index} of ${split}`;
  const those = damaged.length === 1 ? '1 sample whose' : `${damaged.length} samples whose`;
  throw dataError(
    `${path}: found ${those} bytes are not those that were written${damaged.length === 1 ? ': ' : ', the first one '}${first}.`,
    path,
  );
}
