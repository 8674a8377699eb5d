import type { FeaturesConfig } from '../config/schema.js';
import type { PackedDataset } from './dataset.js';

/** Sums over pixels, and the normalization that follows from them. */

/**
 * Sums of pixel values 0 to 255, per channel R, G, B. All are integers below 2^53, so they are exact and independent of the order of
 * addition.
 */
export interface ChannelSums {
  /** Pixels per channel. */
  count: number;
  sum: [number, number, number];
  squares: [number, number, number];
}

export function noSums(): ChannelSums {
  return { count: 0, sum: [0, 0, 0], squares: [0, 0, 0] };
}

export function addSums(into: ChannelSums, from: ChannelSums): void {
  into.count += from.count;
  for (let c = 0; c < 3; c++) {
    into.sum[c]! += from.sum[c]!;
    into.squares[c]! += from.squares[c]!;
  }
}

/** Adds a sample's pixels, `[3, height, width]`. */
export function addPixels(sums: ChannelSums, planar: Uint8Array): void {
  const pixels = planar.length / 3;
  for (let c = 0; c < 3; c++) addChannel(sums, c, planar.subarray(c * pixels, (c + 1) * pixels), 0, 1);
  sums.count += pixels;
}

/** Adds every `step`-th value, from `first` on, to a channel's sums. Does not change `count`. */
export function addChannel(
  sums: ChannelSums,
  channel: number,
  values: Uint8Array,
  first: number,
  step: number,
): void {
  let sum = 0;
  let squares = 0;
  for (let i = first; i < values.length; i += step) {
    const value = values[i]!;
    sum += value;
    squares += value * value;
  }
  sums.sum[channel]! += sum;
  sums.squares[channel]! += squares;
}

/** The sums in JSON: decimal strings, since a JSON number would lose digits. */
export interface WrittenSums {
  readonly count: string;
  readonly sum: readonly string[];
  readonly squares: readonly string[];
}

/**
 * Exact sums over the pixels of a whole split, as BigInt: the squares of a million photographs exceed 2^53. The order in which threads
 * add does not matter.
 */
export class PixelSums {
  #count = 0n;
  readonly #sum = [0n, 0n, 0n];
  readonly #squares = [0n, 0n, 0n];

  /** Adds a task's sums, which are below 2^53. */
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

  /** Mean over all channels, of values from 0 to 1. */
  meanOfAll(): number {
    return Number(this.#sum.reduce((a, b) => a + b)) / (3 * Number(this.#count)) / 255;
  }

  /** Mean and standard deviation (of the population) of R, G and B, as values from 0 to 1. Undefined without pixels. */
  moments(): PixelMoments | undefined {
    if (this.#count === 0n) return undefined;
    const count = Number(this.#count);
    return {
      pixels: count,
      mean: this.#sum.map((sum) => Number(sum) / count / 255),
      // The difference is taken in integers: its two terms are nearly equal.
      deviation: this.#sum.map(
        (sum, c) => Math.sqrt(Number(this.#count * this.#squares[c]! - sum * sum)) / count / 255,
      ),
    };
  }
}

export interface PixelMoments {
  /** Pixels per channel. */
  readonly pixels: number;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** Mean and deviation that normalize a channel's x / 255, from the training split's exact sums. */
export function normalizationOf(features: FeaturesConfig, sums: PixelSums): PackedDataset['normalization'] {
  const moments = sums.moments();
  if (features.type !== 'pixels') return { mean: [], deviation: [] };
  if (typeof features.normalize === 'object') return features.normalize;
  if (features.normalize === 'none' || moments === undefined)
    return { mean: [0, 0, 0], deviation: [1, 1, 1] };
  if (features.normalize === 'mean') {
    const mean = sums.meanOfAll();
    return { mean: [mean, mean, mean], deviation: [1, 1, 1] };
  }
  const { mean, deviation } = moments;
  // A channel of one value has deviation 0; it is divided by 1 instead.
  return { mean, deviation: deviation.map((value) => (value === 0 ? 1 : value)) };
}
