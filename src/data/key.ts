import { createHash } from 'node:crypto';
import { readFileSync, type Stats, statSync } from 'node:fs';
import type { DataConfig } from '../config/schema.js';
import { splitNames } from './dataset.js';
import type { DatasetLists } from './lists.js';

/** Of the packed file's layout and of the way from an image to its sample; a change of either makes a new one. */
export const packedFormat = 2;

/** What decides the packed bytes. `normalize` is not in it: it is applied later. */
export interface PackSettings {
  readonly features: Omit<DataConfig['features'], 'normalize'>;
  readonly maxPixels: number;
  readonly skipBadImages: boolean;
}

export function packSettings(config: DataConfig): PackSettings {
  const { normalize: _, ...features } = { normalize: undefined, ...config.features };
  return { features, maxPixels: config.maxPixels, skipBadImages: config.skipBadImages };
}

/**
 * SHA-256 (hex) of everything that the packed dataset is made from: settings, the decoder's version, lists, and each image's path,
 * size and time of change. It asks the system about every image (4 µs each), so the paths are joined by hand and once.
 */
export function datasetKey(lists: DatasetLists, settings: PackSettings): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([packedFormat, settings, sharpVersion()]));
  for (const [name, bytes] of lists.sources) hash.update(`\0${name} ${bytes.length}\0`).update(bytes);
  for (const split of splitNames) {
    // The paths are in the lists' bytes already, in this order.
    const times = new Float64Array(2 * lists.splits[split].paths.length);
    lists.splits[split].paths.forEach((path, i) => {
      const file = statIfReadable(`${lists.dir}/${path}`);
      times[2 * i] = file?.size ?? -1;
      times[2 * i + 1] = file?.mtimeMs ?? -1;
    });
    hash.update(times);
  }
  return hash.digest('hex');
}

/** From its package.json, since loading sharp takes 0.1 s that a start with a packed dataset need not wait for. */
function sharpVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.resolve('sharp')), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Whatever the system has against a path, decoding meets it again and names it with its line. */
function statIfReadable(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
