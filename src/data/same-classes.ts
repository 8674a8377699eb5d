import { dataError, listed } from './faults.js';

/** So many names are shown of each kind. */
const shownNames = 8;

/**
 * A folder may change between two looks at it.
 * @param before names of the dataset's classes at the first look, in label order
 * @throws UserError (exit code data) where they are others now
 */
export function requireSameClasses(dir: string, before: readonly string[], now: readonly string[]): void {
  if (before.length === now.length && before.every((name, label) => name === now[label])) return;
  const without = (names: readonly string[], others: readonly string[]) => {
    const known = new Set(others);
    return names.filter((name) => !known.has(name));
  };
  const [gone, added] = [without(before, now), without(now, before)];
  const differences = [
    ...(gone.length === 0 ? [] : [`${listed(gone, shownNames, ', ')} gone`]),
    ...(added.length === 0 ? [] : [`${listed(added, shownNames, ', ')} new`]),
  ];
  const what = differences.length === 0 ? 'their order' : differences.join(', ');
  throw dataError(`${dir}: its classes have changed since it was opened: ${what}; open it again`, dir);
}
