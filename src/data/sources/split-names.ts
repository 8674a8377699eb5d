import { type SplitName, splitNames } from '../dataset.js';
import { dataError } from '../faults.js';

/** Recognises splits by name: of folders, lists, csv files, values of a csv column, shards and IDX files alike. */

const splitWords = {
  train: ['train', 'training', 'trn'],
  validation: ['val', 'valid', 'validation', 'validate', 'dev', 'development'],
  test: ['test', 'tests', 'testing', 'tst', 't10k'],
} as const satisfies Record<SplitName, readonly string[]>;

/** Ambiguous words. Each means the first of its splits that no other name stands for. */
const looseWords: Readonly<Record<string, readonly SplitName[]>> = {
  eval: ['validation', 'test'],
  evaluation: ['validation', 'test'],
  trainval: ['train'],
  holdout: ['test'],
};

/** Words without a meaning of their own beside a split's word: `training_set`, `train_images`, `train2017`. */
const fillers =
  'set sets data dataset image images img imgs picture pictures photo photos pic pics list lists split splits file files folder dir ' +
  'label labels labeled labelled annotation annotations meta metadata info gt csv';
const fillerWords: ReadonlySet<string> = new Set(fillers.split(' '));
const containers =
  'image images img imgs jpegimages picture pictures photo photos pic pics data dataset set sets part parts batch batches chunk chunks ' +
  'fold folds folder all';
const containerWords: ReadonlySet<string> = new Set(containers.split(' '));

const strong = new Map<string, SplitName>(
  splitNames.flatMap((split) => splitWords[split].map((word) => [word, split] as const)),
);
export const isSplitWord = (word: string) => strong.has(word) || Object.hasOwn(looseWords, word);
const longestFirst = (words: Iterable<string>) => [...words].sort((a, b) => b.length - a.length).join('|');
const allWords = longestFirst([...strong.keys(), ...Object.keys(looseWords)]);
/** Separates glued words: `trainset` is `train set`. */
const glued = new RegExp(`^(${allWords})(${longestFirst(fillerWords)})$`);

/** How a name contains a split's word: alone; with filler words; or with other words, which must recur in another split's name. */
type Certainty = 'alone' | 'filled' | 'framed';
const certainties: readonly Certainty[] = ['alone', 'filled', 'framed'];

interface Reading {
  readonly word: string;
  readonly certainty: Certainty;
  /** The name with a star in place of the split's word. */
  readonly frame: string;
}

/** The words and numbers of a name, in lower case: `trainImages_2017` is `train`, `images`, `2017`. */
export function wordsOf(name: string): string[] {
  const parts = name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .match(/t10k|\p{L}+|\d+/gu);
  return (parts ?? []).flatMap((part) => glued.exec(part)?.slice(1) ?? [part]);
}

/** Parses a name. Undefined where it contains no split's word, or several. */
function read(name: string): Reading | undefined {
  const parts = wordsOf(name);
  const at = parts.findIndex(isSplitWord);
  if (at < 0 || at !== parts.findLastIndex(isSplitWord)) return undefined;
  const others = parts.filter((part, i) => i !== at && !fillerWords.has(part) && !/^\d+$/.test(part));
  const certainty = parts.length === 1 ? 'alone' : others.length === 0 ? 'filled' : 'framed';
  return { word: parts[at]!, certainty, frame: parts.with(at, '*').join(' ') };
}

/** The split's word in a name, whatever other words it has; undefined where there is none, or several. */
export const splitWordIn = (name: string): string | undefined => read(name)?.word;

/** Whether a name only says that it holds images or data, or a part of them: `images_part_1`, `Data`. */
export function isContainerName(name: string): boolean {
  const words = wordsOf(name).filter((part) => !/^\d+$/.test(part));
  return words.length > 0 && words.every((word) => containerWords.has(word));
}

/** The name or word of each split that has one. */
export interface SplitsFound {
  readonly splits: Partial<Record<SplitName, string>>;
  /** Decisions about ambiguous words. */
  readonly notes: readonly string[];
  /** Set where two names stand for the same split: a sentence about them. */
  readonly clash?: string;
}

/**
 * Assigns words to splits. Words of no split are left out. `nameOf` gives a word's name for messages.
 *
 * Unambiguous words come first. Then an ambiguous word takes its first split that is free: in `dev` and `eval`, `dev` is validation and
 * `eval` is test.
 */
function assign(words: readonly string[], nameOf: (word: string) => string): SplitsFound {
  const splits: Partial<Record<SplitName, string>> = {};
  const notes: string[] = [];
  const known = words.filter((word) => strong.has(word));
  const loose = words.filter((word) => Object.hasOwn(looseWords, word));
  for (const word of known) {
    const split = strong.get(word)!;
    const other = splits[split];
    if (other !== undefined) return { splits, notes, clash: clashOf(nameOf(other), nameOf(word), split) };
    splits[split] = word;
  }
  for (const word of loose) {
    const split = looseWords[word]!.find((each) => splits[each] === undefined);
    if (split === undefined) continue;
    splits[split] = word;
    notes.push(`${nameOf(word)} is taken as ${split}`);
  }
  return { splits, notes };
}

const clashOf = (one: string, other: string, split: SplitName) =>
  `${one} and ${other} are both ${split}; keep one of them`;

/**
 * Finds the names that stand for splits; `suffix` is removed from their ends. A split's word alone takes precedence over a name with more
 * words. Words that are no fillers (`seg_train`) are accepted only where another split's name has the same (`seg_test`): a class
 * `steam train` is no split.
 */
export function splitsAmong(names: readonly string[], suffix = /$/): SplitsFound {
  const readings = names.flatMap((name) => {
    const reading = suffix.test(name) ? read(name.replace(suffix, '')) : undefined;
    return reading === undefined ? [] : [{ name, ...reading }];
  });
  const wordsOfFrame = new Map<string, Set<string>>();
  for (const { frame, word } of readings)
    wordsOfFrame.set(frame, (wordsOfFrame.get(frame) ?? new Set()).add(word));
  const chosen = new Map<string, (typeof readings)[number]>(); // by word
  for (const certainty of certainties) {
    for (const reading of readings) {
      if (reading.certainty !== certainty) continue;
      if (certainty === 'framed' && wordsOfFrame.get(reading.frame)!.size < 2) continue;
      const taken = [...chosen.values()].find((other) => sameSplit(other.word, reading.word));
      if (taken === undefined) chosen.set(reading.word, reading);
      else if (taken.certainty === certainty && strong.has(reading.word))
        return { splits: {}, notes: [], clash: clashOf(taken.name, reading.name, strong.get(reading.word)!) };
    }
  }
  const assigned = assign([...chosen.keys()], (word) => chosen.get(word)!.name);
  const splits: Partial<Record<SplitName, string>> = {};
  for (const split of splitNames) {
    const word = assigned.splits[split];
    if (word !== undefined) splits[split] = chosen.get(word)!.name;
  }
  return { ...assigned, splits };
}

const sameSplit = (a: string, b: string) => a === b || (strong.has(a) && strong.get(a) === strong.get(b));

/** `of` gives the split of each of these words, or undefined. The caller must check for a clash. */
export function splitsOfWords(
  words: Iterable<string>,
): SplitsFound & { of(word: string): SplitName | undefined } {
  const wordOf = (text: string) => {
    const reading = read(text);
    return reading?.certainty === 'framed' ? undefined : reading?.word;
  };
  const distinct = [...new Set([...words].flatMap((text) => wordOf(text) ?? []))];
  const assigned = assign(distinct, (word) => word);
  return {
    ...assigned,
    of: (text) => {
      const word = wordOf(text);
      return word === undefined ? undefined : splitNames.find((split) => assigned.splits[split] === word);
    },
  };
}

/** Throws a UserError where two names stand for one split. */
export function requireNoClash(dir: string, { clash }: SplitsFound): void {
  if (clash !== undefined) throw dataError(`${dir}: ${clash}.`, dir);
}
