/**
 * Counter-based random numbers: a value is a hash of what it is for, so nothing depends on the order of drawing.
 * The mixing step is MurmurHash3's (Austin Appleby, public domain).
 */

/** 32 random bits that belong to these integers. */
export function hash(...words: readonly number[]): number {
  let h = 0;
  for (const word of words) h = mix(h, word);
  return mix(h, words.length);
}

/** `h` with one more 32-bit word in it. */
export function mix(h: number, word: number): number {
  h = (h ^ word) + 0x9e3779b9;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Draws numbers one after the other, each a hash of `key` and its position. */
export class Draws {
  readonly #key: number;
  #count = 0;

  constructor(key: number) {
    this.#key = key;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + ((high - low) * mix(this.#key, this.#count++)) / 0x1_0000_0000;
  }
}
