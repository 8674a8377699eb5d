import { hash } from 'node:crypto';
import { type FileStamp, settled, stampOf } from '../../files/stamp.js';
import { perSplit, type SplitName, splitNames } from '../dataset.js';
import { readRange } from '../images/read-range.js';
import type { ByteRange, Source, SourceSplit } from '../source.js';

/** Detects that an image has changed without reading it: by its file's stamp and by which part of the file it is. */

/**
 * `[images, 8]` of each split: the file's size, two times, inode and device; the part's begin and length; 0, or, where times cannot tell,
 * the first 64 bits of SHA-256 over the image's bytes.
 */
export type ImageStamps = Readonly<Record<SplitName, BigInt64Array>>;

const columns = 8;
/** Of `any`, and of the contents' hash, among the columns. */
const [changed, contents] = [2, 7];

/** Asks the system about every file (4 µs each), and waits until a change after that shows, some 20 ms at most after the last one. */
export async function stampsOf(source: Source): Promise<ImageStamps> {
  const fileStampOf = fileStamps();
  let latest = 0n;
  const stamps = perSplit((name) => {
    const { labels, bytesOf } = source.splits[name];
    const own = new BigInt64Array(columns * labels.length);
    for (let i = 0; i < labels.length; i++) {
      const range = bytesOf(i);
      const { size, content, any, inode, device } = fileStampOf(range);
      if (any > latest) latest = any;
      const { begin, length } = range.part ?? { begin: 0, length: -1 };
      own.set([size, content, any, inode, device, BigInt(begin), BigInt(length), 0n], columns * i);
    }
    return own;
  });
  if (!(await settled(latest))) await addContents(source, stamps);
  return stamps;
}

/** Hashes the images whose files have a time of change in the future. */
async function addContents(source: Source, stamps: ImageStamps): Promise<void> {
  for (const name of splitNames) {
    const own = stamps[name];
    for (let at = 0; at < own.length; at += columns) {
      if (await settled(own[at + changed]!)) continue;
      own[at + contents] = contentsOf(source.splits[name].bytesOf(at / columns));
    }
  }
}

function contentsOf(range: ByteRange): bigint {
  try {
    return hash('sha256', readRange(range), 'buffer').readBigInt64LE();
  } catch {
    return -1n; // decoding reports it
  }
}

/** Of each image the first 64 bits of SHA-256 over its name and its stamps: equal as long as it is the same image. */
export function identitiesOf({ labels, nameOf }: SourceSplit, stamps: BigInt64Array): BigUint64Array {
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
  let stamp: FileStamp;
  return ({ file, part, original = file }) => {
    if (part !== undefined && original === last) return stamp;
    last = original;
    stamp = stampOf(original);
    return stamp;
  };
}

/** A source whose images have their identities, `[images]`. */
export interface SourceWithIdentities extends Source {
  readonly splits: Readonly<Record<SplitName, SplitWithIdentities>>;
}

interface SplitWithIdentities extends SourceSplit {
  readonly identities: BigUint64Array;
}

export function withIdentities(source: Source, stamps: ImageStamps): SourceWithIdentities {
  const splits = perSplit((name) => {
    const split = source.splits[name];
    return { ...split, identities: identitiesOf(split, stamps[name]) };
  });
  return { ...source, splits };
}

/** The source without its bad images. */
export function without(
  source: SourceWithIdentities,
  bad: readonly { readonly split: SplitName; readonly index: number }[],
): SourceWithIdentities {
  const splits = perSplit((name) => {
    const dropped = new Set(bad.filter(({ split }) => split === name).map(({ index }) => index));
    return dropped.size === 0 ? source.splits[name] : thinned(source.splits[name], dropped);
  });
  return { ...source, splits };
}

function thinned(split: SplitWithIdentities, dropped: ReadonlySet<number>): SplitWithIdentities {
  const isKept = (_: unknown, image: number) => !dropped.has(image);
  const kept = Int32Array.from(split.labels.keys()).filter(isKept);
  return {
    labels: split.labels.filter(isKept),
    identities: split.identities.filter(isKept),
    nameOf: (image) => split.nameOf(kept[image]!),
    placeOf: (image) => split.placeOf(kept[image]!),
    bytesOf: (image) => split.bytesOf(kept[image]!),
  };
}
