import type { SplitName } from './dataset.js';

/** A dataset in its original form: its images, their labels, and where their bytes lie. */
export interface Source {
  readonly dir: string;
  /** Names in label order. */
  readonly classes: readonly string[];
  readonly splits: Readonly<Record<SplitName, SourceSplit>>;
  readonly encoding: Encoding;
  /** Decisions made for the user, one sentence each: the recognised form, splits taken off train, ignored files. */
  readonly notes: readonly string[];
}

/** The images of a split, numbered from 0 in an order that depends only on the dataset's content. */
export interface SourceSplit {
  /** One label per image. */
  readonly labels: Int32Array;
  /** An image's name in messages: its path below the folder, or the path of the file that holds it and its name in there. */
  nameOf(image: number): string;
  /** The line that lists the image, such as `train.txt:12`, or what a program calls it, `samples[7]`; undefined where nothing does. */
  placeOf(image: number): string | undefined;
  bytesOf(image: number): ByteRange;
}

/** Where an image's bytes lie. */
export interface ByteRange {
  /** Path of the file, absolute or relative to the current directory. */
  readonly file: string;
  /** A part of the file, in bytes; left out for the whole file. */
  readonly part?: { readonly begin: number; readonly length: number };
  /** The gzipped file that `file` was unzipped from: its stamp counts, not that of `file`. */
  readonly original?: string;
}

/** How an image's bytes are encoded. */
export type Encoding =
  /** An image file of any format that sharp reads. */
  | { readonly type: 'file' }
  /** Bytes of gray values, `[height, width]`. */
  | { readonly type: 'gray'; readonly width: number; readonly height: number }
  /** Bytes of red, green and blue values, `[3, height, width]`. */
  | { readonly type: 'planarRgb'; readonly width: number; readonly height: number }
  /** No image: float32 values, little-endian, of this shape. */
  | { readonly type: 'values'; readonly shape: readonly number[] };

/** Of images that are no files. */
export type RawEncoding = Extract<Encoding, { type: 'gray' | 'planarRgb' }>;
