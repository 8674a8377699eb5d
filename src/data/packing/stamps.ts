import { hash } from 'node:crypto';
import { type Stats, statSync } from 'node:fs';
import { perSplit, type SplitName } from '../dataset.js';
import type { ByteRange, Source, SourceSplit } from '../source.js';

/** By what it is seen that an image has changed, without reading it. */

/** `[images, 4]` of each split: its file's size and time of change (-1 where there is none), its part's begin and length. */
export type Stamps = Readonly<Record<SplitName, Float64Array>>;

/** Asks the system about every file (4 µs each). */
export function stampsOf(source: Source): Stamps {
  const fileStampOf = fileStamps();
  return perSplit((name) => {
    const { labels, bytesOf } = source.splits[name];
    const own = new Float64Array(4 * labels.length);
    for (let i = 0; i < labels.length; i++) {
      const range = bytesOf(i);
      const { size, time } = fileStampOf(range);
      own[4 * i] = size;
      own[4 * i + 1] = time;
      own[4 * i + 2] = range.part?.begin ?? 0;
      own[4 * i + 3] = range.part?.length ?? -1;
    }
    return own;
  });
}

/** Of each image the first 64 bits of SHA-256 over its name and its stamps: equal as long as it is the same image. */
export function identitiesOf({ labels, nameOf }: SourceSplit, stamps: Float64Array): BigUint64Array {
  const identities = new BigUint64Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    const text = `${nameOf(i)}\0${stamps.subarray(4 * i, 4 * i + 4).join(' ')}`;
    identities[i] = hash('sha256', text, 'buffer').readBigUInt64LE();
  }
  return identities;
}

/** Of a file that holds many images the system is asked only once. */
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

/** Whatever the system has against a path, decoding meets it again and names it with its line. */
function statIfReadable(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
