import { perSplit, type SplitName, splitNames } from '../dataset.js';
import type { AllImages } from './all-images.js';
import { type Findings, hashBytes } from './findings.js';
import { type ImageReference, type Listed, Listing, referenceTo } from './references.js';

/** Counts and lists of good images with identical bytes. */
export interface DuplicateReport {
  /** Images that are copies of an earlier image of the same split. */
  readonly copies: Readonly<Record<SplitName, number>>;
  /** For each pair of splits, the number of images of `split` whose bytes also occur in `earlier`. */
  readonly leaks: readonly Leak[];
  /** Groups of identical images with different labels. */
  readonly labelsDiffer: number;
  /** Groups that span several splits; those with different labels come first. */
  readonly acrossSplits: Listed<DuplicateGroup>;
  /** Groups within one split; those with different labels come first. */
  readonly withinSplit: Listed<DuplicateGroup>;
}

interface Leak {
  readonly split: SplitName;
  readonly earlier: SplitName;
  readonly images: number;
}

/** Images with identical bytes. */
export interface DuplicateGroup extends Listed<ImageReference> {
  readonly labelsDiffer: boolean;
}

export function duplicatesOf(findings: Findings, most: number): DuplicateReport {
  const { images } = findings;
  const duplicates = new Duplicates(findings);
  const copies = perSplit(() => 0);
  const leaks = pairs.map(([split, earlier]) => ({ split, earlier, images: 0 }));
  const across = new Listing<DuplicateGroup>(most);
  const within = new Listing<DuplicateGroup>(most);
  let differing = 0;
  for (const labelsDiffer of [true, false]) {
    for (const group of duplicates.groups()) {
      if (hasDifferentLabels(images, group) !== labelsDiffer) continue;
      if (labelsDiffer) differing++;
      const counts = countsOf(images, group);
      for (const split of splitNames) copies[split] += Math.max(0, counts[split] - 1);
      for (const leak of leaks) if (counts[leak.earlier] > 0) leak.images += counts[leak.split];
      const isAcross = splitNames.every((split) => counts[split] < group.length);
      (isAcross ? across : within).add(() => ({ ...describeGroup(images, group, most), labelsDiffer }));
    }
  }
  const listings = { acrossSplits: across.listed, withinSplit: within.listed };
  return { copies, leaks, labelsDiffer: differing, ...listings };
}

/** Each split with each of the splits before it. */
const pairs = splitNames.flatMap((split, i) =>
  splitNames.slice(0, i).map((earlier) => [split, earlier] as const),
);

function countsOf(images: AllImages, group: Int32Array): Record<SplitName, number> {
  const counts = perSplit(() => 0);
  for (const image of group) counts[images.placeOf(image).split]++;
  return counts;
}

function hasDifferentLabels(images: AllImages, group: Int32Array): boolean {
  const label = images.labelOf(group[0]!);
  return group.some((image) => images.labelOf(image) !== label);
}

function describeGroup(images: AllImages, group: Int32Array, most: number): Listed<ImageReference> {
  const listing = new Listing<ImageReference>(most);
  for (const image of group) listing.add(() => referenceTo(images, image));
  return listing.listed;
}

/** Groups images with the same bytes. Images are numbered by `AllImages`. */
class Duplicates {
  /** Good images, ordered by their bytes' hash, then by number. */
  readonly #order: Int32Array;
  /** Where each group of two or more begins in `#order`; the groups' first images ascend. */
  readonly #begins: Int32Array;
  readonly #sameAsNext: Uint8Array;

  constructor(findings: Findings) {
    const { images, hashes } = findings;
    const words = new Uint32Array(hashes.buffer, hashes.byteOffset, (images.count * hashBytes) / 4);
    const compare = comparer(words);
    this.#order = Int32Array.from({ length: images.count }, (_, image) => image)
      .filter((image) => findings.isGood(image))
      .sort((a, b) => compare(a, b) || a - b);
    const order = this.#order;
    this.#sameAsNext = Uint8Array.from(order, (image, i) =>
      i + 1 < order.length && compare(image, order[i + 1]!) === 0 ? 1 : 0,
    );
    const isBegin = (i: number) => this.#sameAsNext[i] === 1 && (i === 0 || this.#sameAsNext[i - 1] === 0);
    this.#begins = Int32Array.from(order.keys())
      .filter(isBegin)
      .sort((a, b) => order[a]! - order[b]!);
  }

  /** Groups of two or more images, each ascending. */
  *groups(): Generator<Int32Array> {
    for (const begin of this.#begins) {
      let end = begin + 1;
      while (this.#sameAsNext[end - 1] === 1) end++;
      yield this.#order.subarray(begin, end);
    }
  }
}

/** Compares images by their hashes. */
function comparer(words: Uint32Array): (a: number, b: number) => number {
  return (a, b) => {
    for (let i = 0; i < hashBytes / 4; i++) {
      const difference = words[4 * a + i]! - words[4 * b + i]!;
      if (difference !== 0) return difference;
    }
    return 0;
  };
}
