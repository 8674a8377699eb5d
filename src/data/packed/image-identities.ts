import { hash } from 'node:crypto';
import { type FileStamp, settled, stampOf } from '../../files/stamp.js';
import { perSplit, type SplitName, splitNames } from '../dataset.js';
import { readRange } from '../images/read-range.js';
import type { ByteRange, Source, SourceSplit } from '../source.js';

/** Detects that an image has changed without reading it: by its file's stamp and its place in the file. */

/**
 * `[images, 8]` for each split: the file's size, two times, inode and device; the part's begin and length; and 0, or, where the times are
 * unreliable, the first 64 bits of SHA-256 over the image's bytes.
 */
export type ImageStamps = Readonly<Record<SplitName, BigInt64Array>>;

const columns = 8;
/** Columns of the time `any` and of the contents' hash. */
const [changed, contents] = [2, 7];

/** Gets every file's stamp (4 µs each). Waits until a later change would change the stamp, at most some 20 ms after the last change. */
export async function stampsOf(source: Source): Promise<ImageStamps> {
  const fileStampOf = fileStamps();
  let latest = 0n;
  const stamps = perSplit((name) => {
    const { labels, bytesOf } = source.splits[name];
    const rows = new BigInt64Array(columns * labels.length);
    for (let i = 0; i < labels.length; i++) {
      const range = bytesOf(i);
      const { size, content, any, inode, device } = fileStampOf(range);
      if (any > latest) latest = any;
      const { begin, length } = range.part ?? { begin: 0, length: -1 };
      rows.set([size, content, any, inode, device, BigInt(begin), BigInt(length), 0n], columns * i);
    }
    return rows;
  });
  if (!(await settled(latest))) await addContents(source, stamps);
  return stamps;
}

/** Adds a hash of the contents for files whose time of change lies in the future. */
async function addContents(source: Source, stamps: ImageStamps): Promise<void> {
  for (const name of splitNames) {
    const rows = stamps[name];
    for (let at = 0; at < rows.length; at += columns) {
      if (await settled(rows[at + changed]!)) continue;
      rows[at + contents] = contentsOf(source.splits[name].bytesOf(at / columns));
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

/** For each image the first 64 bits of SHA-256 over its name and its stamp. They change when the image changes. */
function identitiesOf({ labels, nameOf }: SourceSplit, stamps: BigInt64Array): BigUint64Array {
  const identities = new BigUint64Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    const text = `${nameOf(i)}\0${stamps.subarray(columns * i, columns * (i + 1)).join(' ')}`;
    identities[i] = hash('sha256', text, 'buffer').readBigUInt64LE();
  }
  return identities;
}

/** Gets stamps, but only once for consecutive images in the same file. */
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

/** A source, with each image's identity. */
export interface SourceWithIdentities extends Source {
  readonly splits: Readonly<Record<SplitName, SplitWithIdentities>>;
}

interface SplitWithIdentities extends SourceSplit {
  /** `[images]` */
  readonly identities: BigUint64Array;
}

export function withIdentities(source: Source, stamps: ImageStamps): SourceWithIdentities {
  const splits = perSplit((name) => {
    const split = source.splits[name];
    return { ...split, identities: identitiesOf(split, stamps[name]) };
  });
  return { ...source, splits };
}

/** The source without the bad images. */
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
  const remaining = Int32Array.from(split.labels.keys()).filter(isKept);
  return {
    labels: split.labels.filter(isKept),
    identities: split.identities.filter(isKept),
    nameOf: (image) => split.nameOf(remaining[image]!),
    placeOf: (image) => split.placeOf(remaining[image]!),
    bytesOf: (image) => split.bytesOf(remaining[image]!),
  };
}
