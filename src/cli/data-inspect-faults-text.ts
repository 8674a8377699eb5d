import { splitNames } from '../data/dataset.js';
import type { DuplicateGroup } from '../data/inspect/duplicates.js';
import type { ImageReference, Listed } from '../data/inspect/references.js';
import type { Inspection } from '../data/inspect/report.js';
import { table } from '../runs/columns.js';
import { integer } from '../views/format.js';
import { oneLine } from '../views/printable.js';

/** The images of an inspection that need a look, as lines for people. */

/** Of a long list so many entries are shown, and the rest is counted. */
export const shownEntries = 20;
/** Examples of one kind of duplicates, and images of each. */
const shownGroups = 10;
const shownOfGroup = 3;
/** Letters of a path, a reason and a class's name. */
const mostOfPath = 200;
const mostOfReason = 200;
const mostOfName = 40;

/** Files that are named for another format. */
export function misnamed({ misnamed }: Inspection): string[] {
  if (misnamed.count === 0) return [];
  const lines = entries(misnamed, (each) => `  ${reference(each)}: ${each.format}`);
  return [[`named for another format: ${integer(misnamed.count)}`, ...lines].join('\n')];
}

export function broken({ broken }: Inspection): string {
  if (broken.count === 0) return 'broken images: none';
  const lines = entries(broken, (each) => `  ${reference(each)}: ${oneLine(each.reason, mostOfReason)}`);
  return [`broken images: ${integer(broken.count)}`, ...lines].join('\n');
}

export function duplicates({ duplicates }: Inspection): string {
  const { copies, leaks, withinSplit, acrossSplits, labelsDiffer } = duplicates;
  if (withinSplit.count + acrossSplits.count === 0) return 'duplicates, by content: none';
  const rows = [
    ...splitNames.map((split) => [`copies of another image of ${split}`, integer(copies[split])]),
    ...leaks.map(({ split, earlier, images }) => [
      `images of ${split} that are in ${earlier} too`,
      integer(images),
    ]),
    ['contents with different labels', integer(labelsDiffer)],
  ];
  return [
    table(['duplicates, by content', 'images'], rows),
    ...groups('in more than one split', acrossSplits),
    ...groups('in one split', withinSplit),
  ].join('\n');
}

function groups(title: string, groups: Listed<DuplicateGroup>): string[] {
  if (groups.count === 0) return [];
  const shown = { count: groups.count, first: groups.first.slice(0, shownGroups) };
  return [
    `${title}:`,
    ...entries(shown, ({ count, first, labelsDiffer }) => {
      const same = first
        .slice(0, shownOfGroup)
        .map((each) => `${each.split} ${reference(each)}, ${oneLine(each.class, mostOfName)}`);
      if (count > shownOfGroup) same.push(`${integer(count - shownOfGroup)} more`);
      return `  ${same.join(' = ')}${labelsDiffer ? ' (different labels)' : ''}`;
    }),
  ];
}

/** A line for each of the first entries, and one that counts the others. */
function entries<T>({ count, first }: Listed<T>, line: (entry: T) => string): string[] {
  const hidden = count - first.length;
  return [...first.map(line), ...(hidden > 0 ? [`  and ${integer(hidden)} more`] : [])];
}

function reference({ image, place }: ImageReference): string {
  return oneLine(image, mostOfPath) + (place === undefined ? '' : ` (${place})`);
}
