import type { SplitName } from '../dataset.js';
import type { AllImages } from './all-images.js';

/** Names an image in reports. */
export interface ImageReference {
  readonly split: SplitName;
  /** As `SourceSplit.nameOf` gives it. */
  readonly image: string;
  /** The line that lists it, such as `train.txt:12`. */
  readonly place?: string;
  readonly class: string;
}

export function referenceTo(images: AllImages, image: number): ImageReference {
  const { split, index } = images.placeOf(image);
  const place = images.source.splits[split].placeOf(index);
  return {
    split,
    image: images.nameOf(image),
    ...(place === undefined ? {} : { place }),
    class: images.source.classes[images.labelOf(image)]!,
  };
}

/** The beginning of a list that may be too long to keep or show, and its length. */
export interface Listed<T> {
  readonly count: number;
  readonly first: readonly T[];
}

/** Counts all entries, and makes only the first `most` of them. */
export class Listing<T> {
  readonly #most: number;
  readonly #first: T[] = [];
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(make: () => T): void {
    if (this.#first.length < this.#most) this.#first.push(make());
    this.#count++;
  }

  get listed(): Listed<T> {
    return { count: this.#count, first: this.#first };
  }
}
