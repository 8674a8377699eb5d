import type { DataInput, PixelsFeatures } from '../../config/input.js';
import type { ImageInput } from '../../inference/image-input.js';
import type { ImageSize } from '../size.js';

/** The samples of a split, one after the other in one array. */
export interface ArraySamples {
  /** Bytes are pixels, 0 to 255. Floats are values that the network sees as they are: what normalizes them is the caller's. */
  images: Uint8Array | Uint8ClampedArray | Float32Array;
  /**
   * Of pixels `[n, height, width, channels]`, or `[n, channels, height, width]` with the layout `chw`, 1 or 3 channels, or `[n, height, width]`.
   * Of values these too, any number of channels, or `[n, features]`.
   */
  shape: readonly number[];
  /** Of four sizes: channels side by side (`hwc`), or one plane after the other (`chw`). Of pixels `hwc` unless given; values must say it. */
  layout?: 'hwc' | 'chw';
  /** A class a sample: its number, from 0, or its name. */
  labels: ArrayLike<number> | readonly string[];
}

export interface ArraysInput extends ArraySamples {
  /** Names in label order. Unless given: `class 0` and so on, or the names among the labels, sorted by code point. */
  classes?: readonly string[];
  /** Where they are not given, a tenth of each class is split off (`split`). */
  validation?: ArraySamples;
  test?: ArraySamples;
}

/** A sample of an iterable: its image, or `{ values }`, and its class by number or by name. */
export type LabelledImage = { image: ImageInput } & ({ label: number } | { class: string });

export type LabelledImages = Iterable<LabelledImage> | AsyncIterable<LabelledImage>;

type OwnOptions = 'dir' | 'source' | 'features' | 'generate' | 'csv' | 'labels';

export interface ArraysOptions extends Omit<DataInput, OwnOptions> {
  /** Pixels that each image is brought to; unless given, what the config that is trained says, else the images' own. */
  size?: ImageSize;
  /** How pixels are normalized; `mean` unless it is given. Only with a size. */
  normalize?: NonNullable<PixelsFeatures['normalize']>;
  /** Folder in which datasets are kept, a folder each, named by their content; `data/arrays` unless given. */
  dir?: string;
}

export interface IterableOptions extends ArraysOptions {
  /** Names in label order, as of `fromArrays`. */
  classes?: readonly string[];
  validation?: LabelledImages;
  test?: LabelledImages;
  /** Shape of values, `[channels, height, width]`; unless given, they are `[features]`. */
  shape?: readonly number[];
}
