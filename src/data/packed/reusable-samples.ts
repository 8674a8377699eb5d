import { type SplitName, splitNames } from '../dataset.js';
import type { StoredSample } from '../images/image-tasks.js';
import type { CachedFile } from './cached-files.js';

/** The samples of a dataset's images that cached files hold. */
export interface ReusableSamples {
  /** The sample of image `index` of a split; undefined if no file holds it. */
  of(split: SplitName, index: number): StoredSample | undefined;
  /** Cached files that share an image with the dataset. */
  readonly related: readonly CachedFile[];
}

/**
 * Finds samples of images with the same identity.
 * @param cached files; the first one that holds a sample provides it
 */
export function findReusable(
  identities: Readonly<Record<SplitName, BigUint64Array>>,
  cached: readonly CachedFile[],
  sampleBytes: number,
): ReusableSamples {
  if (cached.length === 0) return { of: () => undefined, related: [] };
  const all = concatenated(splitNames.map((name) => identities[name]));
  const table = new IdentityTable(all);
  const parts = cached.flatMap((file) =>
    splitNames.map((name) => ({ cachedFile: file, split: file.splits[name] })),
  );
  // For each image the part that holds its sample, or -1, and the sample's number there.
  const partOf = new Int32Array(all.length).fill(-1);
  const indexIn = new Uint32Array(all.length);
  const related = new Set<CachedFile>();
  for (const [part, { cachedFile, split }] of parts.entries()) {
    const halves = halvesOf(split.identities);
    for (let i = 0; i < split.identities.length; i++) {
      const image = table.find(halves[2 * i]!, halves[2 * i + 1]!);
      if (image === -1) continue;
      related.add(cachedFile);
      if (partOf[image] !== -1 || split.there?.[i] === 0) continue;
      partOf[image] = part;
      indexIn[image] = i;
    }
  }
  const wanted = halvesOf(all);
  const first = { train: 0, validation: identities.train.length, test: 0 };
  first.test = first.validation + identities.validation.length;
  return {
    of: (split, index) => {
      const row = first[split] + index;
      const image = table.find(wanted[2 * row]!, wanted[2 * row + 1]!);
      const part = parts[partOf[image]!];
      if (part === undefined) return undefined;
      const { position, checksums, remarks } = part.split;
      const at = indexIn[image]!;
      return {
        file: part.cachedFile.file,
        position: position + at * sampleBytes,
        checksum: checksums[at]!,
        remarks: remarks[at]!,
      };
    },
    related: [...related],
  };
}

function concatenated(parts: readonly BigUint64Array[]): BigUint64Array {
  const all = new BigUint64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Finds a row by its identity. A hash table in one array, since a Map of a million entries takes 100 MB. */
export class IdentityTable {
  /** Row + 1, or 0. */
  readonly #slots: Uint32Array;
  /** `[rows, 2]`, the low half first. */
  readonly #identities: Uint32Array;

  constructor(identities: BigUint64Array) {
    this.#identities = halvesOf(identities);
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * identities.length + 1)));
    for (let row = 0; row < identities.length; row++) {
      const slot = this.#slotOf(this.#identities[2 * row]!, this.#identities[2 * row + 1]!);
      if (this.#slots[slot] === 0) this.#slots[slot] = row + 1;
    }
  }

  /** The first row with this identity, given as its halves; -1 if there is none. */
  find(low: number, high: number): number {
    return this.#slots[this.#slotOf(low, high)]! - 1;
  }

  /** The slot of the identity, or the free slot where it belongs. Linear probing; an identity is already a hash. */
  #slotOf(low: number, high: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot]! - 1;
      if (row < 0 || (this.#identities[2 * row] === low && this.#identities[2 * row + 1] === high))
        return slot;
    }
  }
}

/** The low and the high half of each identity, `[rows, 2]`. */
export function halvesOf(identities: BigUint64Array): Uint32Array {
  return new Uint32Array(identities.buffer, identities.byteOffset, 2 * identities.length);
}
