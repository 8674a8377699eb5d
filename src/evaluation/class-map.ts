import { dataError, listed } from '../data/faults.js';

const shownNames = 20;

/** Maps a dataset's classes to a model's. */
export interface ClassMap {
  /** The model's class number of each of the dataset's classes. */
  readonly numbers: Int32Array;
  /** A decision made for the user. */
  readonly note?: string;
}

/**
 * Matches classes by name. Where one side has no names (`class 0`, ...), matches them by number.
 * @throws UserError (exit code data) that lists the names that one side lacks
 */
export function mapClasses(model: readonly string[], dataset: readonly string[]): ClassMap {
  const same = Int32Array.from(dataset.keys());
  if (model.length === dataset.length && model.every((name, label) => name === dataset[label])) {
    return { numbers: same };
  }
  if (isUnnamed(dataset) && dataset.length <= model.length)
    return { numbers: same, note: byNumber('dataset') };
  if (isUnnamed(model) && dataset.length === model.length) return { numbers: same, note: byNumber('model') };
  const numbers = new Map(model.map((name, label) => [name, label]));
  const known = new Set(dataset);
  const unknown = dataset.filter((name) => !numbers.has(name));
  const missing = model.filter((name) => !known.has(name));
  if (unknown.length + missing.length > 0) {
    throw dataError(
      [
        `the model has ${model.length} classes, and the dataset's ${dataset.length} are not the same`,
        ...names('of the model, but not in the dataset', missing),
        ...names('in the dataset, but not of the model', unknown),
        'The names must be the same, in any order; classes.txt in the dataset can name those that have no image.',
      ].join('\n'),
    );
  }
  return { numbers: Int32Array.from(dataset, (name) => numbers.get(name)!) };
}

const isUnnamed = (classes: readonly string[]) => classes.every((name, label) => name === `class ${label}`);

const byNumber = (side: string) => `the ${side} has no names of classes: they are matched by number`;

const names = (what: string, all: readonly string[]) =>
  all.length === 0
    ? []
    : [
        `${what}:`,
        ...listed(all, shownNames)
          .split('\n')
          .map((name) => `  ${name}`),
      ];
