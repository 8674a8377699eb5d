import { join } from 'node:path';
import type { DataConfig } from '../../config/schema.js';
import type { SplitName } from '../dataset.js';
import { dataError } from '../faults.js';
import { type Chosen, chooseTables, fitsAsTables } from './csv-choice.js';
import { forEachRow } from './csv-rows.js';
import { deciding, type Form, type Given, mapGiven, namesOf } from './form.js';
import type { ImageIndex } from './image-index.js';
import { LabelTexts, numberLabels, readClassNames } from './labels.js';
import { Listing } from './listing.js';
import { splitsOfWords } from './split-names.js';

/**
 * A dataset as csv files with a header and columns for the path, the label and, optionally, the split. Either `train.csv` with an optional
 * `val.csv` and `test.csv`, or one file of any name. Without a split column, the split follows from the file's name, by default train.
 */
export const csv: Form = {
  holds: 'train.csv (and val.csv, test.csv) or one .csv file, with a header; data.csv names the columns',

  fits: (folder, { csv }) => fitsAsTables(folder, csv),

  async read(folder, { csv: columns }: DataConfig) {
    const dir = folder.path;
    const { chosen, index, notes } = chooseTables(folder, columns);
    const texts = new LabelTexts();
    const listings: Partial<Record<SplitName, Listing>> = {};
    for (const each of chosen) {
      const list = (split: SplitName) => (listings[split] ??= new Listing(dir, each.table.file, texts));
      await readRows(dir, each, chosen.length > 1, index, list);
    }
    const given: Given<Listing> = listings;
    const numbering = numberLabels({
      texts: texts.all,
      ...deciding(given, ({ labelIds }) => labelIds),
      names: readClassNames(dir),
    });
    const splits = mapGiven(given, (listing) => listing.toSplit(numbering, 'rows below its header'));
    const uses = new Set([...chosen.map(({ table }) => table.file), ...namesOf(splits)]);
    return {
      dir,
      classes: numbering.classes,
      splits,
      encoding: { type: 'file' },
      notes: [...notes, ...numbering.notes],
      uses,
    };
  },
};

/** Adds a file's rows to the lists of their splits. A file that is `oneOfMany` may only hold rows of its own split. */
async function readRows(
  dir: string,
  { table, places, fileSplit = 'train', prefix }: Chosen,
  oneOfMany: boolean,
  index: ImageIndex,
  list: (split: SplitName) => Listing,
): Promise<void> {
  const { file, header } = table;
  const faults: [line: number, what: string][] = [];
  const rows: [line: number, path: string, label: string, split: string][] = [];
  let isHeader = true;
  await forEachRow(join(dir, file), table.delimiter, (row, line) => {
    if (isHeader) {
      isHeader = false;
      return;
    }
    const [path, label] = [row[places.path], row[places.label]];
    if (row.length !== header.length)
      faults.push([line, `found ${row.length} columns, expected ${header.length} as in the header`]);
    else if (!path) faults.push([line, 'no path in this row']);
    else if (!label) faults.push([line, 'no label in this row']);
    else rows.push([line, path, label, places.split === undefined ? '' : row[places.split]!]);
  });
  // The list must exist even without rows, so that an empty file is reported.
  if (places.split === undefined) list(fileSplit);
  const words = splitsOfWords(rows.map(([, , , split]) => split));
  if (words.clash !== undefined)
    throw dataError(`${dir}/${file}: column ${header[places.split!]}: ${words.clash}.`, `${dir}/${file}`);
  for (const [line, what] of faults) list(fileSplit).addFault(line, what);
  for (const [line, text, label, word] of rows) {
    const split = places.split === undefined ? fileSplit : words.of(word);
    if (split === undefined)
      list(fileSplit).addFault(line, `the split is ${JSON.stringify(word)}, expected train, val or test`);
    else if (oneOfMany && split !== fileSplit)
      list(fileSplit).addFault(line, `the split is ${split}, expected ${fileSplit} in ${file}`);
    else {
      const paths = prefix === undefined ? index.find(text, split) : [prefix + text];
      if (paths.length === 0) index.requireWhole();
      if (paths.length > 1)
        list(split).addFault(
          line,
          `${JSON.stringify(text)} may be ${paths[0]} or ${paths[1]}; expected a path`,
        );
      else list(split).add(line, paths[0] ?? index.nearly(text) ?? text, label);
    }
  }
}
