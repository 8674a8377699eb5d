import { type Findings, hashBytes } from './findings.js';

/** Images with the same bytes, by the numbers that `AllImages` gives them. */
export class Duplicates {
  /** Good images, those of the same content side by side and ascending. */
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

  /** Each group of two or more images, ascending. */
  *groups(): Generator<Int32Array> {
    for (const begin of this.#begins) {
      let end = begin + 1;
      while (this.#sameAsNext[end - 1] === 1) end++;
      yield this.#order.subarray(begin, end);
    }
  }
}

/** Orders images by their hashes, four words each. */
function comparer(words: Uint32Array): (a: number, b: number) => number {
  return (a, b) => {
    for (let i = 0; i < hashBytes / 4; i++) {
      const difference = words[4 * a + i]! - words[4 * b + i]!;
      if (difference !== 0) return difference;
    }
    return 0;
  };
}
