import type { DataConfig } from '../../config/schema.js';
import type { SplitName } from '../dataset.js';
import { dataError } from '../faults.js';
import type { Source, SourceSplit } from '../source.js';
import type { Folder } from './folder.js';

/** A way in which a dataset lies on disk. */
export interface Form {
  /** What a folder of this form holds, for messages. */
  readonly holds: string;
  /**
   * Whether a folder is meant to be of this form, by its names and, where a name alone says too little, by a look into its files. A
   * sentence says what is there of the form, and what keeps it from fitting. Whatever is wrong with a folder that fits is for `read`
   * to say.
   */
  fits(folder: Folder, data: DataConfig): boolean | string;
  /** Throws a UserError that says what is wrong, or what is missing. */
  read(folder: Folder, data: DataConfig): Found | Promise<Found>;
}

/** A source as its form finds it: splits may be missing. */
export interface Found extends Omit<Source, 'splits'> {
  readonly splits: Given<SourceSplit>;
  /**
   * Paths below `dir` of the files that were read or listed, and of folders of which the form has looked at everything: what else lies
   * there is not used, and is named.
   */
  readonly uses: ReadonlySet<string>;
}

/** Something for each split that there is. */
export type Given<T> = Readonly<Partial<Record<SplitName, T>>>;

/** Each split's `value` made into something else. */
export function mapGiven<T, U>(given: Given<T>, to: (value: T, split: SplitName) => U): Given<U> {
  const mapped: Partial<Record<SplitName, U>> = {};
  for (const [split, value] of Object.entries(given) as [SplitName, T][]) mapped[split] = to(value, split);
  return mapped;
}

/**
 * What decides which classes there are: the labels of train and, for messages, its name; without train, which a dataset that is only
 * evaluated may lack, all that there are.
 */
export function deciding<T>(
  given: Given<T>,
  labelsOf: (value: T) => ArrayLike<number>,
  nameOf: (split: SplitName) => string = (split) => split,
): { train: ArrayLike<number>; trainName: string } {
  if (given.train !== undefined) return { train: labelsOf(given.train), trainName: nameOf('train') };
  const all = Object.entries(given) as [SplitName, T][];
  return {
    train: all.flatMap(([, value]) => Array.from(labelsOf(value))),
    trainName: all.map(([split]) => nameOf(split)).join(' and '),
  };
}

/** Throws a UserError where no split is there. `expected` says what would be. */
export function requireSome(dir: string, given: Given<unknown>, expected: string): void {
  if (Object.keys(given).length > 0) return;
  throw dataError(`${dir}: found no images, and none to train on; expected ${expected}.`);
}

/** Of all images. */
export function* namesOf(splits: Given<SourceSplit>): Generator<string> {
  for (const { labels, nameOf } of Object.values(splits)) {
    for (let image = 0; image < labels.length; image++) yield nameOf(image);
  }
}
