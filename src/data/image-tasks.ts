import type { FeaturesConfig } from '../config/schema.js';
import type { ByteRange, Encoding } from './source.js';

/** The messages between the image pool and its threads (`workers/image.ts`). Pixels never travel in them. */

/** Decode `images` and write sample i at byte `position + i * sampleBytes` of the open file `rows`. */
export interface DecodeTask {
  readonly images: readonly ByteRange[];
  readonly encoding: Encoding;
  readonly features: FeaturesConfig;
  /** Images of more pixels are refused. */
  readonly maxPixels: number;
  /** File descriptor; descriptors are shared by the threads of a process. */
  readonly rows: number;
  readonly position: number;
}

export interface DecodeResult {
  readonly bad: readonly { /** Index in `images`. */ readonly index: number; readonly reason: string }[];
  /** Of the good images' pixels; zeros for histograms. */
  readonly sums: ChannelSums;
}

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

/** Draw and write some of the generated pictures. */
export interface DrawTask {
  readonly seed: number;
  /** Absolute path of the folder to write to; the folders of the pictures exist. */
  readonly folder: string;
  readonly pictures: readonly {
    /** Path relative to `folder`. */
    readonly path: string;
    readonly label: number;
    /** Number of the picture in its class, over all splits. */
    readonly index: number;
  }[];
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
