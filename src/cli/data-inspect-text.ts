import { splitNames } from '../data/dataset.js';
import type { Inspection } from '../data/inspect/report.js';
import { table } from '../runs/columns.js';
import { bytesText, integer, percent } from '../views/format.js';
import { oneLine } from '../views/printable.js';
import { broken, duplicates, misnamed } from './data-inspect-faults-text.js';

/** An inspection as lines for people. */

/** With more classes than this, so many of the smallest and of the largest are shown. */
const mostClasses = 50;
const shownClasses = 10;
/** Letters of a class's name, and of a note. */
const mostOfName = 40;
const mostOfNote = 200;

export function describe(inspection: Inspection): string {
  const { dir, notes } = inspection;
  return [
    [dir, ...notes.map((note) => `  ${note}`)].map((line) => oneLine(line, mostOfNote)).join('\n'),
    splits(inspection),
    classes(inspection),
    ...(inspection.sizes === null ? [] : [formats(inspection), sizes(inspection), pixels(inspection)]),
    ...misnamed(inspection),
    broken(inspection),
    duplicates(inspection),
  ].join('\n\n');
}

function splits({ splits }: Inspection): string {
  const rows = splitNames.map((split) => {
    const { images, broken, classes } = splits[split];
    return [split, integer(images), integer(broken), integer(classes)];
  });
  return table(['split', 'images', 'broken', 'classes'], rows);
}

function classes({ classes, imbalance }: Inspection): string {
  const all = classes.map((each, label) => ({ ...each, label }));
  const isLong = all.length > mostClasses;
  const shown = isLong ? all.toSorted((a, b) => a.train - b.train || a.label - b.label) : all;
  const rows = shown.map(({ name, label, ...counts }) => [
    String(label),
    oneLine(name, mostOfName),
    ...splitNames.map((split) => integer(counts[split])),
  ]);
  if (isLong) {
    const hidden = rows.length - 2 * shownClasses;
    rows.splice(shownClasses, hidden, ['', `(${integer(hidden)} classes between)`]);
  }
  return [
    table(['label', `class${isLong ? ', the smallest and the largest' : ''}`, ...splitNames], rows),
    `largest class of train by the smallest: ${imbalance.toFixed(2)}`,
  ].join('\n');
}

function formats({ formats, turned, severalFrames, bytes }: Inspection): string {
  const rows = formats.map(({ format, space, channels, bits, transparency, images }) => [
    format,
    transparency ? `${space}, transparent` : space,
    String(channels),
    String(bits),
    integer(images),
  ]);
  const lines = [table(['format', 'colours', 'channels', 'bits', 'images'], rows)];
  const { total, smallest, largest } = bytes!;
  lines.push(`${bytesText(total)}, an image ${bytesText(smallest)} to ${bytesText(largest)}`);
  if (turned > 0) lines.push(`turned by their EXIF orientation: ${integer(turned)}`);
  if (severalFrames > 0)
    lines.push(`more than one frame, of which the first counts: ${integer(severalFrames)}`);
  return lines.join('\n');
}

function sizes({ sizes, splits, broken }: Inspection): string {
  const { width, height, distinct, commonest } = sizes!;
  const good = splitNames.reduce((sum, split) => sum + splits[split].images, 0) - broken.count;
  if (distinct === 1) return `size: ${width.median} x ${height.median} pixels, all images`;
  const range = (name: string, { smallest, median, largest }: typeof width) => [
    name,
    ...[smallest, median, largest].map(integer),
  ];
  return [
    table(['pixels', 'smallest', 'median', 'largest'], [range('width', width), range('height', height)]),
    table(
      [
        distinct > commonest.length ? `size, the commonest of ${integer(distinct)}` : 'size',
        'images',
        'share',
      ],
      commonest.map(({ width, height, images }) => [
        `${width} x ${height}`,
        integer(images),
        percent(images / good),
      ]),
    ),
  ].join('\n\n');
}

function pixels({ pixels }: Inspection): string {
  const rows = splitNames.flatMap((split) => {
    const found = pixels[split];
    if (found === null) return [];
    return [[split, ...[...found.mean, ...found.deviation].map((value) => value.toFixed(4))]];
  });
  const channels = ['red', 'green', 'blue'];
  const headers = [...channels.map((c) => `mean ${c}`), ...channels.map((c) => `deviation ${c}`)];
  return table(['pixels, 0 to 1', ...headers], rows);
}
