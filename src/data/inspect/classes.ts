import { perSplit, type SplitName, splitNames } from '../dataset.js';
import type { Source } from '../source.js';

/** How many images of each split a class has. */
export interface ClassReport extends Readonly<Record<SplitName, number>> {
  readonly name: string;
}

/** Image counts of each class, in label order. */
export function classesOf({ classes, splits }: Source): ClassReport[] {
  const counts = perSplit(() => new Uint32Array(classes.length));
  for (const split of splitNames) for (const label of splits[split].labels) counts[split][label]!++;
  return classes.map((name, label) => ({ name, ...perSplit((split) => counts[split][label]!) }));
}

/** Training images of the largest class, divided by those of the smallest class that has any. */
export function imbalanceOf(classes: readonly ClassReport[]): number {
  const counts = classes.map(({ train }) => train).filter((count) => count > 0);
  const [smallest, largest] = counts.reduce(
    ([least, most], count) => [Math.min(least, count), Math.max(most, count)],
    [Number.POSITIVE_INFINITY, 0],
  );
  return largest / smallest;
}
