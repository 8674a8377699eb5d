import type { DataConfig } from '../../config/schema.js';
import type { SplitName } from '../dataset.js';
import { dataError } from '../faults.js';
import type { Source, SourceSplit } from '../source.js';
import type { Folder } from './folder.js';

/** A way in which a dataset lies on disk. */
export interface Form {
  /** What a folder of this form holds, for messages. */
  readonly holds: string;
  /** Whether a folder is meant to be of this form, by a look at its names. Whatever is wrong with it is for `read` to say. */
  recognises(folder: Folder, data: DataConfig): boolean;
  /** Throws a UserError that says what is wrong, or what is missing. */
  read(folder: Folder, data: DataConfig): Found | Promise<Found>;
}

/** A source as its form finds it: validation and test may be missing. */
export interface Found extends Omit<Source, 'splits'> {
  readonly splits: Given<SourceSplit>;
}

/** Something for each split that there is. */
export type Given<T> = Readonly<Partial<Record<SplitName, T>> & { train: T }>;

/** Throws a UserError where train is missing. `expected` says what it would be. */
export function requireTrain<T>(
  dir: string,
  given: Partial<Record<SplitName, T>>,
  expected: string,
): Given<T> {
  const { train } = given;
  if (train !== undefined) return { ...given, train };
  const others = Object.keys(given).join(' and ');
  throw dataError(`${dir}: found ${others || 'no images'}, and none to train on; expected ${expected}.`);
}

/** Each split's `value` made into something else. */
export function mapGiven<T, U>(given: Given<T>, to: (value: T, split: SplitName) => U): Given<U> {
  const mapped: Partial<Record<SplitName, U>> = {};
  for (const [split, value] of Object.entries(given) as [SplitName, T][]) mapped[split] = to(value, split);
  return mapped as Given<U>;
}
