import { type SplitName, splitNames } from '../dataset.js';
import { dataError } from '../faults.js';

/** What datasets call their splits. */
const splitWords = {
  train: ['train'],
  validation: ['val', 'valid', 'validation'],
  test: ['test'],
} as const satisfies Record<SplitName, readonly string[]>;

/** As a pattern matches them. */
export const anySplitWord = Object.values(splitWords).flat().join('|');

/** In any letter case; undefined for other words. */
export function splitOfWord(word: string): SplitName | undefined {
  const lower = word.toLowerCase();
  return splitNames.find((split) => (splitWords[split] as readonly string[]).includes(lower));
}

/**
 * Which of `names` stands for which split: those that are a split's word, alone or with `suffix` behind it. Throws a UserError
 * where a split has two.
 */
export function splitsAmong(
  dir: string,
  names: readonly string[],
  suffix = '',
): Partial<Record<SplitName, string>> {
  const found: Partial<Record<SplitName, string>> = {};
  for (const name of names) {
    if (!name.endsWith(suffix)) continue;
    const split = splitOfWord(name.slice(0, name.length - suffix.length));
    if (split === undefined) continue;
    const other = found[split];
    if (other !== undefined)
      throw dataError(`${dir}: ${other} and ${name} are both ${split}; keep one of them.`);
    found[split] = name;
  }
  return found;
}
