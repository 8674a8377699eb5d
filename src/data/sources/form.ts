import type { DataConfig } from '../../config/schema.js';
import type { SplitName } from '../dataset.js';
import { dataError } from '../faults.js';
import type { Source, SourceSplit } from '../source.js';
import type { Folder } from './folder.js';

/** A form that a dataset can have on disk. */
export interface Form {
  /** The files of such a folder, for messages. */
  readonly holds: string;
  /**
   * Whether a folder is meant to have this form, by its names and, where they are not enough, by a look into its files. A sentence says
   * that the form nearly fits, and what prevents it. `read` reports what is wrong with a folder that fits.
   */
  fits(folder: Folder, data: DataConfig): boolean | string;
  /** Throws a UserError that says what is wrong or missing. */
  read(folder: Folder, data: DataConfig): Found | Promise<Found>;
}

/** A source as its form reads it: splits may be missing. */
export interface Found extends Omit<Source, 'splits'> {
  readonly splits: Given<SourceSplit>;
  /**
   * Paths, below `dir`, of files that were read or listed, and of folders that were examined completely. Anything else is reported as
   * unused.
   */
  readonly uses: ReadonlySet<string>;
}

/** A value for each split that exists. */
export type Given<T> = Readonly<Partial<Record<SplitName, T>>>;

/** Converts each split's value. */
export function mapGiven<T, U>(given: Given<T>, to: (value: T, split: SplitName) => U): Given<U> {
  const mapped: Partial<Record<SplitName, U>> = {};
  for (const [split, value] of Object.entries(given) as [SplitName, T][]) mapped[split] = to(value, split);
  return mapped;
}

/**
 * The labels that decide which classes there are, and their name for messages: train's; without train, which a dataset may lack that is
 * only evaluated, those of all splits.
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

/** Throws a UserError where there is no split. `expected` says what was expected. */
export function requireSome(dir: string, given: Given<unknown>, expected: string): void {
  if (Object.keys(given).length > 0) return;
  throw dataError(`${dir}: found no images, and none to train on; expected ${expected}.`, dir);
}

/** The names of all images. */
export function* namesOf(splits: Given<SourceSplit>): Generator<string> {
  for (const { labels, nameOf } of Object.values(splits)) {
    for (let image = 0; image < labels.length; image++) yield nameOf(image);
  }
}
