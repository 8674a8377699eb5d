import { createHash } from 'node:crypto';
import { readFileSync, type Stats, statSync } from 'node:fs';
import type { DataConfig } from '../config/schema.js';
import { splitNames } from './dataset.js';
import type { ByteRange, Source } from './source.js';

/** Of the packed file's layout and of the way from an image to its sample; a change of either makes a new one. */
export const packedFormat = 3;

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
 * SHA-256 (hex) of everything that the packed dataset is made from: settings, the decoder's version, classes, and each image's name,
 * label, place, and its file's size and time of change. It asks the system about every file (4 µs each).
 */
export function datasetKey(source: Source, settings: PackSettings): string {
  const hash = createHash('sha256');
  const { classes, encoding } = source;
  hash.update(JSON.stringify([packedFormat, settings, sharpVersion(), classes, encoding]));
  const stampOf = fileStamps();
  for (const name of splitNames) {
    const split = source.splits[name];
    const images = split.labels.length;
    const names: string[] = [];
    const stamps = new Float64Array(4 * images);
    for (let i = 0; i < images; i++) {
      const range = split.bytesOf(i);
      const { size, time } = stampOf(range);
      names.push(split.nameOf(i));
      stamps[4 * i] = size;
      stamps[4 * i + 1] = time;
      stamps[4 * i + 2] = range.part?.begin ?? 0;
      stamps[4 * i + 3] = range.part?.length ?? -1;
    }
    hash
      .update(`\0${name} ${images}\0${names.join('\0')}\0`)
      .update(split.labels)
      .update(stamps);
  }
  return hash.digest('hex');
}

/** Size and time of change of files, -1 where there is none; of a file that holds many images only once. */
function fileStamps(): (range: ByteRange) => { size: number; time: number } {
  let last = '';
  let stamp = { size: -1, time: -1 };
  return ({ file, part }) => {
    if (part !== undefined && file === last) return stamp;
    last = file;
    const stats = statIfReadable(file);
    stamp = { size: stats?.size ?? -1, time: stats?.mtimeMs ?? -1 };
    return stamp;
  };
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
