import type { ChannelSums } from './images/image-tasks.js';

/** As JSON holds them: decimal digits, which no number loses. */
export interface WrittenSums {
  readonly count: string;
  readonly sum: readonly string[];
  readonly squares: readonly string[];
}

/**
 * Sums over the pixels of a whole split, exact whatever its size: a million photographs have more than 2^53 of squares. So the order
 * in which threads add does not matter.
 */
export class PixelSums {
  #count = 0n;
  readonly #sum = [0n, 0n, 0n];
  readonly #squares = [0n, 0n, 0n];

  /** A task's sums, which are below 2^53. */
  add({ count, sum, squares }: ChannelSums): void {
    this.#count += BigInt(count);
    for (let c = 0; c < 3; c++) {
      this.#sum[c]! += BigInt(sum[c]!);
      this.#squares[c]! += BigInt(squares[c]!);
    }
  }

  static from({ count, sum, squares }: WrittenSums): PixelSums {
    const sums = new PixelSums();
    sums.#count = BigInt(count);
    for (let c = 0; c < 3; c++) {
      sums.#sum[c] = BigInt(sum[c]!);
      sums.#squares[c] = BigInt(squares[c]!);
    }
    return sums;
  }

  toJSON(): WrittenSums {
    return { count: String(this.#count), sum: this.#sum.map(String), squares: this.#squares.map(String) };
  }

  /** Of all channels' values, from 0 to 1. */
  meanOfAll(): number {
    return Number(this.#sum.reduce((a, b) => a + b)) / (3 * Number(this.#count)) / 255;
  }

  /** Of R, G and B as values from 0 to 1: mean and standard deviation of the population. Undefined without pixels. */
  moments(): PixelMoments | undefined {
    if (this.#count === 0n) return undefined;
    const count = Number(this.#count);
    return {
      pixels: count,
      mean: this.#sum.map((sum) => Number(sum) / count / 255),
      // In integers until the end, as the two products are nearly the same.
      deviation: this.#sum.map(
        (sum, c) => Math.sqrt(Number(this.#count * this.#squares[c]! - sum * sum)) / count / 255,
      ),
    };
  }
}

export interface PixelMoments {
  /** How many of each channel. */
  readonly pixels: number;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}
