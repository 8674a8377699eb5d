import { splitNames } from '../dataset.js';
import { counted, listed } from '../faults.js';
import { oneClassFault } from '../one-class.js';
import type { ClassReport } from './classes.js';
import type { DuplicateReport } from './duplicates.js';
import type { Listed } from './references.js';

/** The parts of a report that warnings are made of. */
export interface Warned {
  readonly broken: Listed<unknown>;
  readonly duplicates: DuplicateReport;
  /** In label order. */
  readonly classes: readonly ClassReport[];
}

/** How many classes without images a warning names. */
const shownClasses = 10;

export const brokenWarning = (count: number): string =>
  `${counted(count, 'image')} cannot be used; a training stops at them, unless --skip-bad-images leaves them out`;

/** What should be fixed or known before the results of a training are trusted; one sentence each. */
export function warningsOf({ broken, duplicates, classes }: Warned): string[] {
  const warnings: string[] = [];
  if (broken.count > 0) {
    warnings.push(brokenWarning(broken.count));
  }
  const [only, ...others] = classes.filter((each) => splitNames.some((split) => each[split] > 0));
  if (only !== undefined && others.length === 0) warnings.push(oneClassFault(only.name));
  for (const { split, earlier, images } of duplicates.leaks) {
    if (images === 0) continue;
    const what = earlier === 'train' ? 'what was learnt by heart' : 'what the choice of weights has seen';
    warnings.push(
      `leak: ${counted(images, 'image')} of ${split} ${images === 1 ? 'is' : 'are'} in ${earlier} too; its results count ${what}`,
    );
  }
  const differing = duplicates.labelsDiffer;
  if (differing > 0) {
    warnings.push(
      `${counted(differing, 'image')} ${differing === 1 ? 'is' : 'are'} there more than once with different labels; at most one is right`,
    );
  }
  for (const split of splitNames) {
    const missing = classes.filter((each) => each[split] === 0).map(({ name }) => JSON.stringify(name));
    if (missing.length === 0) continue;
    const names = listed(missing, shownClasses, ', ');
    warnings.push(
      `no image in ${split} of ${missing.length === 1 ? 'class' : `${missing.length} classes:`} ${names}`,
    );
  }
  return warnings;
}
