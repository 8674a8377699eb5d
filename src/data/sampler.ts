import { hash, mix, Purpose } from '../random.js';

const rounds = 4;

/**
 * Which sample stands where in an epoch: a pure function of (seed, epoch, position), without a table and without state.
 *
 * Shuffled, it is a keyed bijection of [0, samples): a Feistel network over the next power of two, walked along its cycle until it
 * lands inside (Black and Rogaway 2002, "Ciphers with Arbitrary Finite Domains").
 */
export class Sampler {
  readonly #samples: number;
  readonly #shuffle: boolean;
  readonly #lowBits: number;
  readonly #lowMask: number;
  readonly #highMask: number;
  readonly #keys: readonly number[];

  constructor(samples: number, shuffle: boolean, seed: number, epoch: number) {
    const bits = 32 - Math.clz32(samples - 1);
    this.#samples = samples;
    this.#shuffle = shuffle && samples > 1;
    this.#lowBits = bits >> 1;
    this.#lowMask = 2 ** this.#lowBits - 1;
    this.#highMask = 2 ** (bits - this.#lowBits) - 1;
    this.#keys = Array.from({ length: 2 * rounds }, (_, round) => hash(seed, Purpose.shuffle, epoch, round));
  }

  /** Index in the split of the sample at `position` of the epoch. */
  at(position: number): number {
    if (!this.#shuffle) return position;
    let index = position;
    do {
      let low = index & this.#lowMask;
      let high = index >>> this.#lowBits;
      for (let round = 0; round < 2 * rounds; round += 2) {
        high ^= mix(this.#keys[round]!, low) & this.#highMask;
        low ^= mix(this.#keys[round + 1]!, high) & this.#lowMask;
      }
      index = (high << this.#lowBits) | low;
    } while (index >= this.#samples);
    return index;
  }
}
