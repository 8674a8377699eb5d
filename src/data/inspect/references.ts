import type { SplitName } from '../dataset.js';
import type { AllImages } from './all-images.js';

/** An image, by the names that its owner knows. */
export interface ImageReference {
  readonly split: SplitName;
  /** Its path below the folder, or the file that holds it and what it is called there. */
  readonly image: string;
  /** Where a list names it, such as `train.txt:12`. */
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

/** A list that may be too long to be held, or shown: how long it is, and its beginning. */
export interface Listed<T> {
  readonly count: number;
  readonly first: readonly T[];
}

/** Counts what is added, and makes of it the first `most` entries alone. */
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
