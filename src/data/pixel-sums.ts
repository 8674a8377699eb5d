import type { FeaturesConfig } from '../config/schema.js';
import type { PackedDataset } from './dataset.js';

/** Sums over pixels, and the normalization that follows from them. */

/**
 * Sums over pixels of values 0 to 255, per channel R, G, B. All are integers below 2^53, so they are exact and the
 * order of adding them does not matter.
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

/** Adds every `step`-th value, from `first` on, to a channel's sums; `count` stays as it is. */
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

/** What is subtracted from, and divides, a channel's x / 255; from the training split's exact sums. */
export function normalizationOf(features: FeaturesConfig, sums: PixelSums): PackedDataset['normalization'] {
  const moments = sums.moments();
  if (features.type === 'colorHistogram') return { mean: [], deviation: [] };
  if (features.normalize === 'none' || moments === undefined)
    return { mean: [0, 0, 0], deviation: [1, 1, 1] };
  if (features.normalize === 'mean') {
    const mean = sums.meanOfAll();
    return { mean: [mean, mean, mean], deviation: [1, 1, 1] };
  }
  const { mean, deviation } = moments;
  // A channel of one value has none; divided by 1 it stays as it is.
  return { mean, deviation: deviation.map((value) => (value === 0 ? 1 : value)) };
}
