import type { SplitName } from '../../data/dataset.js';
import { type Given, mapGiven } from '../../data/sources/form.js';
import { sortNames } from '../../data/sources/labels.js';
import { ExitCode, UserError } from '../../errors.js';

/** Classes by number or by name, one a sample. */
export type Labels = ArrayLike<number> | readonly string[];

export interface Numbered {
  /** Names in label order; undefined where numbers have no names. */
  readonly classes: readonly string[] | undefined;
  readonly labels: Given<Int32Array>;
}

/** Of a fault in what a program gives. `path` is where, such as `validation.labels[3]`. */
export const inputError = (path: string, what: string): UserError =>
  new UserError(`${path}: ${what}`, ExitCode.data, { path });

/** How a program names a part of a split: `labels`, `validation.labels`. */
export const partOf = (split: SplitName, part: string): string =>
  split === 'train' ? part : `${split}.${part}`;

/**
 * The number of each sample's class. Classes are as given, else train's: its names, sorted, or the numbers up to its largest.
 * @param places the place of each split's labels, for messages
 * @throws UserError (exit code data) for a label that is no class
 */
export function numberClasses(
  given: Given<Labels> & { readonly train: Labels },
  classes: readonly string[] | undefined,
  placeOf: (split: SplitName, sample: number) => string,
): Numbered {
  const { train } = given;
  requireNames(classes);
  const areNames = typeof train[0] === 'string';
  const names =
    classes ??
    (areNames
      ? sortNames([...new Set((train as readonly string[]).filter((label) => typeof label === 'string'))])
      : undefined);
  const takesNumbers = classes !== undefined || !areNames;
  const numbers = new Map(names?.map((name, number) => [name, number]));
  const count = names?.length ?? largestOf(train as ArrayLike<number>) + 1;
  const numberOf = (label: number | string, place: () => string): number => {
    const number = typeof label === 'string' ? (numbers.get(label) ?? -1) : takesNumbers ? label : -1;
    if (Number.isInteger(number) && number >= 0 && number < count) return number;
    const known =
      names === undefined
        ? `a number from 0 to ${count - 1}, the largest of train`
        : `${takesNumbers ? 'the number of a class, or one' : 'one'} of ${some(names)}`;
    throw inputError(place(), `found ${JSON.stringify(label) ?? label}; expected ${known}`);
  };
  const labels = mapGiven<Labels, Int32Array>(given, (all, split) =>
    Int32Array.from({ length: all.length }, (_, i) => numberOf(all[i]!, () => placeOf(split, i))),
  );
  return { classes: names, labels };
}

function requireNames(classes: readonly string[] | undefined): void {
  if (classes === undefined) return;
  const twice = classes.find((name, i) => classes.indexOf(name) !== i);
  if (twice !== undefined) throw inputError('classes', `the name ${JSON.stringify(twice)} is in it twice`);
  if (classes.length === 0 || classes.some((name) => typeof name !== 'string' || name === ''))
    throw inputError('classes', 'expected a list of names');
}

function largestOf(labels: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i]! > largest) largest = labels[i]!;
  // The place of what is no integer is named where it is numbered.
  return Math.min(999_999, Math.floor(largest));
}

const some = (names: readonly string[]): string =>
  names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`;
