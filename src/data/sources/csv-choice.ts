import { join } from 'node:path';
import type { DataConfig } from '../../config/schema.js';
import { type SplitName, splitNames } from '../dataset.js';
import { dataError, shortened } from '../faults.js';
import {
  hasBoxes,
  hasNamed,
  lookAtTable,
  namedColumn,
  type Places,
  single,
  splitColumn,
  type Table,
  usualColumns,
} from './csv-table.js';
import { type Folder, readFolder } from './folder.js';
import { asFolders } from './folder-layout.js';
import { extensionOf, isImageExtension } from './image-files.js';
import { ImageIndex } from './image-index.js';
import { requireNoClash, splitsAmong, wordsOf } from './split-names.js';

/** Chooses the csv files, and the columns in them, that hold the labels of a dataset. */

type Columns = DataConfig['csv'];

export const suffix = /\.(?:csv|tsv)$/i;

/** Words in the names of contest submissions and predictions, which hold no true labels. */
const answerWords: ReadonlySet<string> = new Set(
  'submission submissions submit prediction predictions pred preds result results output outputs'.split(' '),
);
const holdsAnswers = (file: string) => wordsOf(file).some((word) => answerWords.has(word));

export interface Chosen {
  readonly table: Table;
  readonly places: Places;
  /** The split by the file's name or folder. */
  readonly fileSplit: SplitName | undefined;
  /** What to put before a value of the path column to make a path; undefined where images must be searched by name. */
  readonly prefix: string | undefined;
}

export interface Choice {
  readonly chosen: readonly Chosen[];
  readonly index: ImageIndex;
  readonly notes: readonly string[];
}

/** A csv file, and the columns found by a look at it. */
interface Judged {
  readonly table: Table;
  readonly fileSplit: SplitName | undefined;
  /** Undefined where no column refers to images of this dataset, or has a name that suggests it. */
  readonly path: number | undefined;
  readonly label: number | undefined;
  readonly prefix: string | undefined;
}

/** Examines the folder's csv files that could hold labels. */
function judgeTables(folder: Folder, columns: Columns) {
  const { path: dir, files, folders } = folder;
  const index = new ImageIndex(dir, folders);
  const judge = (names: readonly string[], fileSplitOf: (name: string) => SplitName | undefined) =>
    names.flatMap((name) => {
      const table = holdsAnswers(name) ? undefined : lookAtTable(dir, name, columns);
      return table === undefined ? [] : [judgeTable(table, fileSplitOf(name), columns, index)];
    });
  const named = splitsAmong(
    files.filter((file) => !holdsAnswers(file)),
    suffix,
  );
  const splitOf = (splits: Partial<Record<SplitName, string>>, name: string) =>
    (Object.keys(splits) as SplitName[]).find((split) => splits[split] === name);
  const above = judge(
    files.filter((file) => suffix.test(file)),
    (name) => splitOf(named.splits, name),
  );
  if (above.some(({ path }) => path !== undefined)) return { index, named, judged: above };
  // The csv files may lie in the splits' folders, beside the images.
  const parts = splitsAmong(folders);
  const inFolders = Object.values(parts.splits).flatMap((name) =>
    readFolder(join(dir, name))
      .files.filter((file) => suffix.test(file))
      .map((file) => `${name}/${file}`),
  );
  const below = judge(inFolders, (name) => splitOf(parts.splits, name.slice(0, name.indexOf('/')))).filter(
    ({ path }) => path !== undefined,
  );
  return { index, named: below.length > 0 ? parts : named, judged: below.length > 0 ? below : above };
}

function judgeTable(
  table: Table,
  fileSplit: SplitName | undefined,
  columns: Columns,
  index: ImageIndex,
): Judged {
  const withoutColumns = { table, fileSplit, path: undefined, label: undefined, prefix: undefined };
  if (!hasNamed(table, columns)) return withoutColumns;
  const named = columns.path === undefined ? undefined : table.header.indexOf(columns.path);
  const usual = named === undefined ? usualColumns(table, 'path') : [named];
  const others =
    named === undefined ? [...table.header.keys()].filter((column) => !usual.includes(column)) : [];
  const located = locate(table, usual, () => true, index) ?? locate(table, others, isImageName, index);
  const path =
    located?.column ?? usual.find((column) => column === named || /^path$/i.test(table.header[column]!));
  const label =
    columns.label === undefined
      ? usualColumns(table, 'label').find((column) => column !== path)
      : table.header.indexOf(columns.label);
  // Without located images, column names are enough only where both are there.
  if (located === undefined && label === undefined) return withoutColumns;
  return { table, fileSplit, path, label, prefix: located === undefined ? '' : located.prefix };
}

/** Requires an extension: a number in any column could be an image's name without it. */
const isImageName = (text: string) => isImageExtension(extensionOf(text));

/**
 * The first column whose values in the first rows refer to images of the dataset: as paths, or else by a search for values that `isMeant`
 * accepts, which may differ in letter case or Unicode form.
 */
function locate(
  { file, rows }: Table,
  columns: readonly number[],
  isMeant: (text: string) => boolean,
  index: ImageIndex,
): { column: number; prefix: string | undefined } | undefined {
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  for (const prefix of new Set([folder, ''])) {
    const column = columns.find((each) => rows.some((row) => row[each] && index.has(prefix + row[each])));
    if (column !== undefined) return { column, prefix };
  }
  const column = columns.find((each) => {
    const matching = rows.filter(
      (row) => row[each] && isMeant(row[each]) && index.nearly(row[each]) !== undefined,
    );
    return matching.length > 0 && 2 * matching.length >= rows.length;
  });
  return column === undefined ? undefined : { column, prefix: undefined };
}

/** Whether the file lists a contest's unlabelled images. */
const isUnlabelled = ({ fileSplit, label }: Judged) =>
  (fileSplit === 'test' || fileSplit === 'validation') && label === undefined;

/** Whether the csv files make the folder a dataset; or a sentence on what they lack. */
export function fitsAsTables(folder: Folder, columns: Columns): boolean | string {
  const { judged } = judgeTables(folder, columns);
  // A table that refers to images must not be passed over, even if it cannot be read: folders would be taken for classes.
  if (judged.some((each) => each.path !== undefined && !isUnlabelled(each))) return true;
  const [first] = judged;
  return (
    first !== undefined &&
    `${first.table.file} has the columns ${headerOf(first.table)}, none of which names images here`
  );
}

const headerOf = ({ header }: Table) => shortened(header.join(', '));

/** Throws a UserError where files or columns are ambiguous; it tells how to name them. */
export function chooseTables(folder: Folder, columns: Columns): Choice {
  const { path: dir, files } = folder;
  const { index, named, judged } = judgeTables(folder, columns);
  requireNoClash(dir, named);
  const usable = judged.filter((each) => each.path !== undefined && !isUnlabelled(each));
  const ofSplits = usable.filter(({ fileSplit }) => fileSplit !== undefined);
  const train = ofSplits.some(({ fileSplit }) => fileSplit === 'train');
  const meant =
    train || usable.length === ofSplits.length
      ? ofSplits
      : usable.filter(({ fileSplit }) => fileSplit === undefined);
  const wanted = `a header with ${JSON.stringify(columns.path ?? 'path')} and ${JSON.stringify(columns.label ?? 'label')} (data.csv)`;
  if (meant.length === 0) {
    const all = files.filter((file) => suffix.test(file));
    for (const file of all) {
      if (lookAtTable(dir, file, columns) === undefined)
        throw dataError(`${dir}/${file}: is empty; expected a header.`, `${dir}/${file}`);
    }
    for (const { table } of judged.toSorted(inOrder)) requireColumns(dir, table, columns);
    throw dataError(
      `${dir}: found ${all.length === 0 ? 'no .csv file' : all.join(', ')}; expected one with ${wanted}.`,
      dir,
    );
  }
  const fileSplits = meant.map(({ fileSplit }) => fileSplit);
  const [first, second] = meant.filter(
    ({ fileSplit }, i) => fileSplits.indexOf(fileSplit) !== i || fileSplits.lastIndexOf(fileSplit) !== i,
  );
  if (first !== undefined && second !== undefined) {
    throw dataError(
      `${dir}: found ${first.table.file} and ${second.table.file} with ${wanted}; expected one, or train.csv, val.csv, test.csv.`,
      dir,
    );
  }
  const chosen = meant
    .toSorted(inOrder)
    .map((each): Chosen => ({ ...each, places: placesOf(dir, each, columns) }));
  const unlabelled = judged
    .filter((each) => each.path !== undefined && isUnlabelled(each))
    .map(({ table }) => `${table.file} is left out: it has no column of labels`);
  return {
    chosen,
    index,
    notes: [...named.notes, ...chosen.flatMap((each) => noteOf(each, columns)), ...unlabelled],
  };
}

/** Order: train, validation, test, then files that are named for no split. */
function inOrder(a: Judged, b: Judged): number {
  const place = ({ fileSplit }: Judged) =>
    fileSplit === undefined ? splitNames.length : splitNames.indexOf(fileSplit);
  return place(a) - place(b);
}

function requireColumns(dir: string, table: Table, columns: Columns): void {
  for (const key of ['path', 'label'] as const) namedColumn(dir, table, columns, key);
}

function placesOf(dir: string, { table, path, label }: Judged, columns: Columns): Places {
  const { file, header } = table;
  if (hasBoxes(table) && columns.label === undefined) {
    throw dataError(
      `${dir}/${file}:1: found ${headerOf(table)}: boxes of objects in images, which is no dataset of whole images' classes. ` +
        'If an image has one label all the same, name its column in data.csv.label.',
      `${dir}/${file}:1`,
    );
  }
  if (path !== undefined && isImageName(header[path]!)) {
    throw dataError(
      `${dir}/${file}:1: found ${headerOf(table)}: there is no header. Add a first line with the columns' names, such as path,label.`,
      `${dir}/${file}:1`,
    );
  }
  if (label === undefined) {
    throw dataError(
      `${dir}/${file}:1: nothing says which column is the label: found ${headerOf(table)}. Name it in data.csv.label ` +
        `(--set data.csv.label=NAME), or, if folders are the classes, say ${asFolders}.`,
      `${dir}/${file}:1`,
    );
  }
  return {
    path: single(dir, file, header, path!),
    label: single(dir, file, header, label),
    split: splitColumn(table, columns),
  };
}

/** A note on the chosen columns, unless they have the expected names. */
function noteOf({ table: { file, header }, places, prefix }: Chosen, columns: Columns): string[] {
  const [path, label] = [header[places.path]!, header[places.label]!];
  const split = places.split === undefined ? undefined : header[places.split]!;
  const isPlain =
    path === (columns.path ?? 'path') &&
    label === (columns.label ?? 'label') &&
    (split === undefined || split === (columns.split ?? 'split'));
  if (isPlain && prefix !== undefined) return [];
  const searched = prefix === undefined ? ', searched for in all folders' : '';
  const by = split === undefined ? '' : `, splits by ${JSON.stringify(split)}`;
  return [
    `${file}: images by the column ${JSON.stringify(path)}${searched}, labels by ${JSON.stringify(label)}${by} (data.csv)`,
  ];
}
