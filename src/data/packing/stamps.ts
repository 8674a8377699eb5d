import { hash } from 'node:crypto';
import { type Stats, statSync } from 'node:fs';
import { perSplit, type SplitName } from '../dataset.js';
import type { ByteRange, Source, SourceSplit } from '../source.js';

/** By what it is seen that an image has changed, without reading it. */

/**
 * `[images, 5]` of each split: its file's size and two times of change, of the content and of anything about the file, which nobody
 * can set (-1 where there is none); its part's begin and length.
 */
export type Stamps = Readonly<Record<SplitName, Float64Array>>;

const columns = 5;

interface FileStamp {
  readonly size: number;
  readonly content: number;
  readonly any: number;
}

/** Asks the system about every file (4 µs each). */
export function stampsOf(source: Source): Stamps {
  const fileStampOf = fileStamps();
  return perSplit((name) => {
    const { labels, bytesOf } = source.splits[name];
    const own = new Float64Array(columns * labels.length);
    for (let i = 0; i < labels.length; i++) {
      const range = bytesOf(i);
      const { size, content, any } = fileStampOf(range);
      own.set([size, content, any, range.part?.begin ?? 0, range.part?.length ?? -1], columns * i);
    }
    return own;
  });
}

/** Of each image the first 64 bits of SHA-256 over its name and its stamps: equal as long as it is the same image. */
export function identitiesOf({ labels, nameOf }: SourceSplit, stamps: Float64Array): BigUint64Array {
  const identities = new BigUint64Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    const text = `${nameOf(i)}\0${stamps.subarray(columns * i, columns * (i + 1)).join(' ')}`;
    identities[i] = hash('sha256', text, 'buffer').readBigUInt64LE();
  }
  return identities;
}

/** Of a file that holds many images the system is asked only once. */
function fileStamps(): (range: ByteRange) => FileStamp {
  let last = '';
  let stamp: FileStamp = { size: -1, content: -1, any: -1 };
  return ({ file, part }) => {
    if (part !== undefined && file === last) return stamp;
    last = file;
    const stats = statIfReadable(file);
    stamp = { size: stats?.size ?? -1, content: stats?.mtimeMs ?? -1, any: stats?.ctimeMs ?? -1 };
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
