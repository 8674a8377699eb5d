import { type SplitName, splitNames } from '../dataset.js';
import { dataError } from '../faults.js';

/** What datasets call their splits: of folders, lists, csv files, values of a csv column, shards and IDX files alike. */

const splitWords = {
  train: ['train', 'training', 'trn'],
  validation: ['val', 'valid', 'validation', 'validate', 'dev', 'development'],
  test: ['test', 'tests', 'testing', 'tst', 't10k'],
} as const satisfies Record<SplitName, readonly string[]>;

/** Words that mean one thing here and another there: the first of these splits that nothing else is named for. */
const looseWords: Readonly<Record<string, readonly SplitName[]>> = {
  eval: ['validation', 'test'],
  evaluation: ['validation', 'test'],
  trainval: ['train'],
  holdout: ['test'],
};

/** What may stand beside a split's word and says nothing: `training_set`, `train_images`, `train2017`. */
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
/** `trainset` is `train set`. */
const glued = new RegExp(`^(${allWords})(${longestFirst(fillerWords)})$`);

/** How sure it is that a name stands for a split: the word alone; with fillers; with words that only another split's name explains. */
type Certainty = 'alone' | 'filled' | 'framed';
const certainties: readonly Certainty[] = ['alone', 'filled', 'framed'];

interface Reading {
  readonly word: string;
  readonly certainty: Certainty;
  /** The name with a star in the word's place. */
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

/** Undefined for a name without a split's word, or with several. */
function read(name: string): Reading | undefined {
  const parts = wordsOf(name);
  const at = parts.findIndex(isSplitWord);
  if (at < 0 || at !== parts.findLastIndex(isSplitWord)) return undefined;
  const others = parts.filter((part, i) => i !== at && !fillerWords.has(part) && !/^\d+$/.test(part));
  const certainty = parts.length === 1 ? 'alone' : others.length === 0 ? 'filled' : 'framed';
  return { word: parts[at]!, certainty, frame: parts.with(at, '*').join(' ') };
}

/** The split's word in a name, whatever stands beside it; undefined where there is none, or several. */
export const splitWordIn = (name: string): string | undefined => read(name)?.word;

/** Whether a name says nothing but that it holds images or data, or a part of them: `images_part_1`, `Data`. */
export function isContainerName(name: string): boolean {
  const words = wordsOf(name).filter((part) => !/^\d+$/.test(part));
  return words.length > 0 && words.every((word) => containerWords.has(word));
}

/** Which name or word stands for which split, as far as one does. */
export interface SplitsFound {
  readonly splits: Partial<Record<SplitName, string>>;
  /** What was decided where a word may mean several splits. */
  readonly notes: readonly string[];
  /** Two for one split, if there are: nothing says which one is meant. */
  readonly clash?: string;
}

/**
 * Which of these words stands for which split; words of no split are left out. `nameOf` is what messages call a word.
 *
 * A word of one split takes it; then a word that may mean several takes the first of them that is free: `dev` beside `eval` is
 * validation, and `eval` test.
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
 * Which of `names` stands for which split, with `suffix` (matched at their end) left aside. A name that is a split's word alone comes
 * before one with more in it; one with words that mean nothing here (`seg_train`) is a split's only where another split's name has the
 * same (`seg_test`), so that a class `steam train` is none.
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
  const found = assign([...chosen.keys()], (word) => chosen.get(word)!.name);
  const splits: Partial<Record<SplitName, string>> = {};
  for (const split of splitNames) {
    const word = found.splits[split];
    if (word !== undefined) splits[split] = chosen.get(word)!.name;
  }
  return { ...found, splits };
}

const sameSplit = (a: string, b: string) => a === b || (strong.has(a) && strong.get(a) === strong.get(b));

/** Which split each of these words stands for. Undefined for those of none; a clash is left to the caller. */
export function splitsOfWords(
  words: Iterable<string>,
): SplitsFound & { of(word: string): SplitName | undefined } {
  const wordOf = (text: string) => {
    const reading = read(text);
    return reading?.certainty === 'framed' ? undefined : reading?.word;
  };
  const distinct = [...new Set([...words].flatMap((text) => wordOf(text) ?? []))];
  const found = assign(distinct, (word) => word);
  return {
    ...found,
    of: (text) => {
      const word = wordOf(text);
      return word === undefined ? undefined : splitNames.find((split) => found.splits[split] === word);
    },
  };
}

/** Throws a UserError where two names stand for one split. */
export function requireNoClash(dir: string, { clash }: SplitsFound): void {
  if (clash !== undefined) throw dataError(`${dir}: ${clash}.`);
}
