import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dataError, shortened } from '../faults.js';
import { sortByCodePoint } from './folder.js';
import { forEachLine } from './lines.js';

/** Converts a dataset's labels, numbers or names, to class numbers. */

export const classesFile = 'classes.txt';

/** The different label texts of a dataset. An image stores its text's number. */
export class LabelTexts {
  readonly all: string[] = [];
  readonly #ids = new Map<string, number>();

  idOf(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    this.#ids.set(text, this.all.length);
    return this.all.push(text) - 1;
  }
}

/** Class names in label order, and the file that they come from. */
export interface ClassNames {
  readonly file: string;
  readonly names: readonly string[];
}

/** Reads the class names in a file, one per line; undefined where there is no such file. */
export function readClassNames(dir: string, file = classesFile): ClassNames | undefined {
  if (!existsSync(join(dir, file))) return undefined;
  const names: string[] = [];
  forEachLine(join(dir, file), (line) => {
    if (line !== '') names.push(line);
  });
  if (names.length === 0)
    throw dataError(`${join(dir, file)}: no name in it; expected one a line.`, join(dir, file));
  return { file, names };
}

/** The classes, and the conversion from label texts to class numbers. */
export interface Numbering {
  readonly classes: readonly string[];
  readonly notes: readonly string[];
  /** Class numbers of images, from their texts' numbers. `onFault` is called for each image whose label is no class. */
  labelsOf(ids: ArrayLike<number>, onFault: (image: number, what: string) => void): Int32Array;
}

export interface LabelsToNumber {
  readonly texts: readonly string[];
  /** Text numbers of the training images. Without `names`, they decide which classes there are. */
  readonly train: ArrayLike<number>;
  /** Name of the training labels for messages: their file. */
  readonly trainName: string;
  readonly names?: ClassNames | undefined;
  /** Whether labels may count from 1, as EMNIST letters' do. Otherwise, class 0 has no image where the smallest label is 1. */
  readonly mayBeginAtOne?: boolean;
}

const isNumber = (text: string) => /^\d{1,6}$/.test(text);

/**
 * Numbers labels that are all numbers or all names.
 *
 * - Numbers are class numbers. They must be below the number of `names`; without `names`, the largest of train is the last class. They
 *   count from 1 where the smallest of train is 1 and, without `names`, `mayBeginAtOne`, or, with `names`, the largest is their number.
 * - Names get the number of their line in `names`; without `names`, their place among train's names sorted by code point.
 *
 * Labels are names where `names` contains one that is not a number, or where no label is a number.
 */
export function numberLabels(labels: LabelsToNumber): Numbering {
  const { texts, names } = labels;
  const known = new Set(names?.names);
  const areNames = texts.some((text) => !isNumber(text) && known.has(text)) || !texts.some(isNumber);
  return areNames ? numberNames(labels) : keepNumbers(labels);
}

function keepNumbers({ texts, train, trainName, names, mayBeginAtOne = false }: LabelsToNumber): Numbering {
  const numbers = Int32Array.from(texts, (text) => (isNumber(text) ? Number(text) : -1));
  let [smallest, largest] = [Number.POSITIVE_INFINITY, -1];
  for (let i = 0; i < train.length; i++) {
    const number = numbers[train[i]!]!;
    smallest = Math.min(smallest, number);
    largest = Math.max(largest, number);
  }
  const fromOne = smallest === 1 && (names === undefined ? mayBeginAtOne : largest === names.names.length);
  const base = fromOne ? 1 : 0;
  const classes = names?.names ?? Array.from({ length: largest + 1 - base }, (_, i) => `class ${i + base}`);
  const last = classes.length - 1 + base;
  const expected = (text: string) =>
    isNumber(text)
      ? `the label is ${text}, expected ${base} to ${last} by ${names?.file ?? trainName}`
      : `the label is ${JSON.stringify(text)}, expected an integer from 0 to 999999`;
  const notes = [];
  if (fromOne) notes.push(`class numbers: the labels of ${trainName} begin at 1, which is class number 0`);
  else if (smallest > 0 && smallest <= largest && names === undefined)
    notes.push(
      `the smallest label of ${trainName} is ${smallest}: no image is of ${smallest === 1 ? 'class 0' : `classes 0 to ${smallest - 1}`}`,
    );
  return numbering(
    classes,
    numbers.map((number) => (number < base || number > last ? -1 : number - base)),
    texts,
    expected,
    notes,
  );
}

/** Numbers labels that are names even if they look like numbers, such as folder names. */
export function numberNames({ texts, train, trainName, names }: LabelsToNumber): Numbering {
  const classes = names?.names ?? sortNames(textsOf(texts, train));
  const numbers = new Map(classes.map((name, number) => [name, number]));
  if (numbers.size < classes.length) {
    const twice = classes.find((name, number) => numbers.get(name) !== number);
    throw dataError(
      `${names?.file}: the name ${shortened(JSON.stringify(twice))} is in it twice; expected each once.`,
      names?.file,
    );
  }
  const expected = (text: string) =>
    `the label is ${JSON.stringify(text)}, expected a name ${names === undefined ? `that ${trainName} has` : `in ${names.file}`}`;
  const order =
    names === undefined ? `names of ${trainName}, sorted by code point` : `order of ${names.file}`;
  return numbering(
    classes,
    Int32Array.from(texts, (text) => numbers.get(text) ?? -1),
    texts,
    expected,
    [`class numbers: ${order}`],
  );
}

function numbering(
  classes: readonly string[],
  /** The class number of each text, or -1. */
  numbers: Int32Array,
  texts: readonly string[],
  expected: (text: string) => string,
  notes: readonly string[],
): Numbering {
  return {
    classes,
    notes,
    labelsOf(ids, onFault) {
      const labels = Int32Array.from(ids, (id) => numbers[id]!);
      labels.forEach((label, image) => {
        if (label < 0) onFault(image, expected(texts[ids[image]!]!));
      });
      return labels;
    },
  };
}

/** The texts that are the label of an image. */
function textsOf(texts: readonly string[], ids: ArrayLike<number>): string[] {
  const used = new Uint8Array(texts.length);
  for (let i = 0; i < ids.length; i++) used[ids[i]!] = 1;
  return texts.filter((_, id) => used[id] === 1);
}

/** Sorts by code point. Names that are exactly the numbers from 0 on are sorted as numbers, so that 10 comes after 9. */
export function sortNames(names: string[]): string[] {
  const numbers = names.map((_, number) => String(number));
  const given = new Set(names);
  return numbers.every((number) => given.has(number)) ? numbers : sortByCodePoint(names);
}
