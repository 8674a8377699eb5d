import { mix } from '../numerics/random.js';

/**
 * A keyed bijection of [0, size), without a table and without state: a Feistel network over the next power of two, walked along its
 * cycle until it lands inside (Black and Rogaway 2002, "Ciphers with Arbitrary Finite Domains").
 */
export class Permutation {
  /** Of a permutation. */
  static readonly keys = 8;
  readonly #size: number;
  readonly #lowBits: number;
  readonly #lowMask: number;
  readonly #highMask: number;
  readonly #keys: readonly number[];

  /** @param keyOf gives key `i` of `Permutation.keys`, 32 bits */
  constructor(size: number, keyOf: (i: number) => number) {
    const bits = 32 - Math.clz32(size - 1);
    this.#size = size;
    this.#lowBits = bits >> 1;
    this.#lowMask = 2 ** this.#lowBits - 1;
    this.#highMask = 2 ** (bits - this.#lowBits) - 1;
    this.#keys = Array.from({ length: Permutation.keys }, (_, i) => keyOf(i));
  }

  /** Where `i` goes. */
  at(i: number): number {
    if (this.#size <= 1) return i;
    let index = i;
    do {
      let low = index & this.#lowMask;
      let high = index >>> this.#lowBits;
      for (let key = 0; key < Permutation.keys; key += 2) {
        high ^= mix(this.#keys[key]!, low) & this.#highMask;
        low ^= mix(this.#keys[key + 1]!, high) & this.#lowMask;
      }
      index = (high << this.#lowBits) | low;
    } while (index >= this.#size);
    return index;
  }
}
