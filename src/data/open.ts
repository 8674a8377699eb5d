import { existsSync } from 'node:fs';
import type { DataConfig } from '../config/schema.js';
import { UserError } from '../errors.js';
import { removeLeftovers } from '../files/temporary.js';
import type { PackedDataset } from './dataset.js';
import { generateShapes } from './generate.js';
import { datasetKey, packSettings } from './key.js';
import { packDataset } from './pack.js';
import { isPackedName, packedPath, readPacked } from './packed.js';
import type { Source } from './source.js';
import { openSource } from './sources/open.js';

export interface OpenOptions {
  /** Threads that draw and decode; the dataset's bytes do not depend on it. */
  readonly threads: number;
  readonly onProgress?: (progress: DataProgress) => void;
  /** What `openSource` made of the same config, so that it need not be read again. */
  readonly source?: Source | undefined;
}

export interface DataProgress {
  readonly phase: 'drawing' | 'decoding' | 'inspecting';
  /** Images. */
  readonly done: number;
  readonly total: number;
}

/**
 * The dataset of a config, ready to train from: drawn if it is the generated one and not there yet, packed if it is
 * not yet packed with these settings, else only looked up.
 *
 * Throws a UserError for anything that is wrong with the dataset.
 */
export async function openDataset(config: DataConfig, options: OpenOptions): Promise<PackedDataset> {
  const { threads, onProgress } = options;
  if (config.generate !== undefined) {
    await generateShapes(config.dir, config.generate, threads, (done, total) =>
      onProgress?.({ phase: 'drawing', done, total }),
    );
  }
  removeLeftovers(config.cache, (name) => isPackedName(config, name));
  const source = options.source ?? (await openSource(config));
  const settings = packSettings(config);
  const key = datasetKey(source, settings);
  const path = packedPath(config, key);
  if (existsSync(path)) {
    try {
      return readPacked(path, key, config);
    } catch (error) {
      // A damaged cache file is made again.
      if (!(error instanceof UserError)) throw error;
    }
  }
  await packDataset(path, key, source, config, settings, threads, (done, total) =>
    onProgress?.({ phase: 'decoding', done, total }),
  );
  return readPacked(path, key, config);
}
