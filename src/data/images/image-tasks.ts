import type { FeaturesConfig } from '../../config/schema.js';
import type { ChannelSums } from '../pixel-sums.js';
import type { ByteRange, Encoding } from '../source.js';
import type { ImageLimits } from './decode.js';
import type { Refusal } from './reasons.js';

/** The messages between the image pool and its threads (`workers/image.ts`). They contain no pixels. */

/** Make the samples of `images` and write sample i at byte `position + i * sampleBytes` of the open file `rows`. */
export interface DecodeTask {
  readonly images: readonly ByteRange[];
  /** For each image its sample from an earlier packing, if there is one. Such an image is not decoded. */
  readonly reusable: readonly (StoredSample | undefined)[];
  readonly encoding: Encoding;
  /** Whether no other image is decoded at the same time. Only then is the verdict on a bad image final. */
  readonly alone: boolean;
  readonly features: FeaturesConfig;
  readonly limits: ImageLimits;
  /** File descriptor; descriptors are shared by the threads of a process. */
  readonly rows: number;
  readonly position: number;
}

/** Where a sample lies. It is reused only if its bytes match the checksum. */
export interface StoredSample {
  /** File descriptor. */
  readonly file: number;
  readonly position: number;
  readonly checksum: number;
  readonly remarks: number;
}

/** An image of a task that cannot be used or could not be read. */
export interface BadOfTask extends Refusal {
  /** Index in the task's `images`. */
  readonly index: number;
}

export interface DecodeResult {
  readonly bad: readonly BadOfTask[];
  /** One for each sample. Meaningless for a bad image. */
  readonly checksums: Uint32Array;
  /** For each sample, a bit set of `remarks`. */
  readonly remarks: Uint8Array;
  /** Images that were not decoded because their samples were reused. */
  readonly reused: number;
  /** Whether all samples were reused and already lay in place. */
  readonly untouched: boolean;
  /** Sums over the good images' pixels; zeros for histograms and values. */
  readonly sums: ChannelSums;
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
