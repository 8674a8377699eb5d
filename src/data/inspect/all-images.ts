import { type SplitName, splitNames } from '../dataset.js';
import type { Source } from '../source.js';

/** An image's split and its number in the split. */
export interface Place {
  readonly split: SplitName;
  readonly index: number;
}

/** Numbers the images of all splits: train's, then validation's, then test's. */
export class AllImages {
  readonly count: number;
  readonly source: Source;
  readonly #firsts: readonly number[];

  constructor(source: Source) {
    this.source = source;
    let count = 0;
    this.#firsts = splitNames.map((split) => {
      const first = count;
      count += source.splits[split].labels.length;
      return first;
    });
    this.count = count;
  }

  placeOf(image: number): Place {
    const s = this.#firsts.findLastIndex((first) => first <= image);
    return { split: splitNames[s]!, index: image - this.#firsts[s]! };
  }

  numberOf({ split, index }: Place): number {
    return this.#firsts[splitNames.indexOf(split)]! + index;
  }

  nameOf(image: number): string {
    const { split, index } = this.placeOf(image);
    return this.source.splits[split].nameOf(index);
  }

  labelOf(image: number): number {
    const { split, index } = this.placeOf(image);
    return this.source.splits[split].labels[index]!;
  }
}
