import type { SplitName } from './dataset.js';

/** A dataset as its owner has it: which images it holds, what they show, and where their bytes lie. */
export interface Source {
  readonly dir: string;
  /** Names in label order. */
  readonly classes: readonly string[];
  readonly splits: Readonly<Record<SplitName, SourceSplit>>;
  readonly encoding: Encoding;
  /** What was decided for the user, a sentence each: the form that was recognised, splits taken off train, files ignored. */
  readonly notes: readonly string[];
}

/** Its images are numbered from 0, in an order that the dataset's content alone decides. */
export interface SourceSplit {
  /** A label an image. */
  readonly labels: Int32Array;
  /** What messages call an image: its path below the folder, or the file that holds it and what it is called there. */
  nameOf(image: number): string;
  /** Where the dataset says that there is this image, such as `train.txt:12`; undefined where the folder itself does. */
  placeOf(image: number): string | undefined;
  bytesOf(image: number): ByteRange;
}

/** Where an image's bytes lie. */
export interface ByteRange {
  /** Path of the file, below the process's current folder or absolute. */
  readonly file: string;
  /** The part of the file; without it, all of it. */
  readonly part?: { readonly begin: number; readonly length: number };
  /** What the file was unzipped from: that one's change is a change of the image. */
  readonly original?: string;
}

/** What an image's bytes are. */
export type Encoding =
  /** An image file of any format that sharp reads. */
  | { readonly type: 'file' }
  /** Bytes of gray values, `[height, width]`. */
  | { readonly type: 'gray'; readonly width: number; readonly height: number }
  /** Bytes of red, green and blue values, `[3, height, width]`. */
  | { readonly type: 'planarRgb'; readonly width: number; readonly height: number };
