import { join } from 'node:path';
import type { DataConfig } from '../../config/schema.js';
import { type SplitName, splitNames } from '../dataset.js';
import { dataError, shortened } from '../faults.js';
import { columnsOf, forEachRow } from './csv-rows.js';
import type { Folder } from './folder.js';
import { type Form, mapGiven, requireTrain } from './form.js';
import { LabelTexts, numberLabels, readClassNames } from './labels.js';
import { Listing } from './listing.js';
import { splitOfWord, splitsAmong } from './split-names.js';

/**
 * A dataset as csv files with a header: columns of the path and of the label and, if there, of the split. Either `train.csv`, and, if
 * there, `val.csv` and `test.csv`; or one file of any name. Without its column the split is the file's name, or train.
 */

type Columns = DataConfig['csv'];

export const csv: Form = {
  holds: 'train.csv (and val.csv, test.csv) or one .csv file, with a header; data.csv names the columns',

  recognises: (folder, { csv }) => filesOf(folder, csv).some((file) => hasColumns(folder.path, file, csv)),

  async read(folder, { csv: columns }) {
    const dir = folder.path;
    const texts = new LabelTexts();
    const listings: Partial<Record<SplitName, Listing>> = {};
    const files = requireFiles(folder, columns);
    for (const file of files) {
      const list = (split: SplitName) => (listings[split] ??= new Listing(dir, file, texts));
      await readRows(dir, file, columns, files.length > 1, list);
    }
    const given = requireTrain(dir, listings, 'rows of train');
    const numbering = numberLabels({
      texts: texts.all,
      train: given.train.labelIds,
      trainName: 'train',
      names: readClassNames(dir),
    });
    const splits = mapGiven(given, (listing) => listing.toSplit(numbering, 'rows below its header'));
    return { dir, classes: numbering.classes, splits, encoding: { type: 'file' }, notes: numbering.notes };
  },
};

/** Those named for splits, if there is one; else all that have the columns. */
function filesOf({ path, files }: Folder, columns: Columns): string[] {
  const named = splitsAmong(path, files, '.csv');
  if (named.train !== undefined) return splitNames.flatMap((split) => named[split] ?? []);
  return files.filter((file) => file.endsWith('.csv') && hasColumns(path, file, columns));
}

function requireFiles(folder: Folder, columns: Columns): string[] {
  const files = filesOf(folder, columns);
  if (files.length === 1 || splitsAmong(folder.path, files, '.csv').train !== undefined) return files;
  const wanted = `a header with ${JSON.stringify(columns.path)} and ${JSON.stringify(columns.label)} (data.csv)`;
  if (files.length > 1) {
    throw dataError(
      `${folder.path}: found ${files.join(' and ')} with ${wanted}; expected one, or train.csv, val.csv, test.csv.`,
    );
  }
  const others = folder.files.filter((file) => file.endsWith('.csv'));
  throw dataError(
    `${folder.path}: found ${others.length === 0 ? 'no .csv file' : others.join(', ')}; expected one with ${wanted}.`,
  );
}

function hasColumns(dir: string, file: string, { path, label, delimiter }: Columns): boolean {
  const names = columnsOf(join(dir, file), delimiter);
  return names.includes(path) && names.includes(label);
}

/** Adds a file's rows to the lists of their splits; where it is `oneOfMany`, all must be of its own. */
async function readRows(
  dir: string,
  file: string,
  columns: Columns,
  oneOfMany: boolean,
  list: (split: SplitName) => Listing,
): Promise<void> {
  const path = join(dir, file);
  const own = splitOfWord(file.slice(0, -'.csv'.length)) ?? 'train';
  let header: Header | undefined;
  await forEachRow(path, columns.delimiter, (row, line) => {
    if (header === undefined) {
      header = readHeader(path, row, columns);
      // So that a file without rows is told, where its split is known without them.
      if (header.split === undefined) list(own);
      return;
    }
    const found = readRow(row, header, own);
    if (typeof found === 'string') list(own).addFault(line, found);
    else if (oneOfMany && found.split !== own)
      list(own).addFault(line, `the split is ${found.split}, expected ${own} in ${file}`);
    else list(found.split).add(line, found.path, found.label);
  });
  if (header === undefined) throw dataError(`${path}: is empty; expected a header.`);
}

/** Indices of columns. */
interface Header {
  readonly columns: number;
  readonly path: number;
  readonly label: number;
  readonly split: number | undefined;
}

function readHeader(file: string, names: readonly string[], columns: Columns): Header {
  const find = (name: string) => {
    const index = names.indexOf(name);
    if (index !== names.lastIndexOf(name))
      throw dataError(`${file}:1: two columns are named ${JSON.stringify(name)}.`);
    return index < 0 ? undefined : index;
  };
  const need = (key: 'path' | 'label') => {
    const index = find(columns[key]);
    if (index !== undefined) return index;
    throw dataError(
      `${file}:1: no column ${JSON.stringify(columns[key])}: found ${shortened(names.join(', '))}; name it in data.csv.${key}.`,
    );
  };
  return { columns: names.length, path: need('path'), label: need('label'), split: find(columns.split) };
}

/** What a row says, or what is wrong with it. */
function readRow(
  row: readonly string[],
  header: Header,
  own: SplitName,
): { split: SplitName; path: string; label: string } | string {
  if (row.length !== header.columns) {
    return `found ${row.length} columns, expected ${header.columns} as in the header`;
  }
  const word = header.split === undefined ? own : row[header.split]!;
  const split = splitOfWord(word);
  if (split === undefined) return `the split is ${JSON.stringify(word)}, expected train, val or test`;
  const [path, label] = [row[header.path]!, row[header.label]!];
  if (path === '') return 'no path in this row';
  if (label === '') return 'no label in this row';
  return { split, path, label };
}
