import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { DataConfig } from '../../config/schema.js';
import { dataError, shortened } from '../faults.js';
import { beginningOf } from './bytes.js';
import { splitsOfWords } from './split-names.js';

/** Examines a csv file's beginning: its delimiter, header and first rows, and the meaning of its columns. */

type Columns = DataConfig['csv'];

/** How much of a file's beginning is read. */
const lookedAt = { bytes: 65_536, rows: 50 } as const;

const delimiters = [',', ';', '\t', '|'] as const;

/** Usual column names, the most specific first, in lower case, letters and digits only. */
const usualNames = {
  path:
    'path paths filepath filepaths filename filenames file files imagepath imagepaths imgpath imagefile imagefilename imagename imgname ' +
    'image images img imageid imgid idcode id name uuid',
  label:
    'label labels class classname classes category categoryname target targets classid labelname classlabel categoryid species breed ' +
    'dx diagnosis y',
  split: 'split set subset dataset partition usage phase',
} as const satisfies Record<string, string>;

/** Columns of object boxes: such a table has no single label for an image. */
const boxNames = [['xmin', 'ymin', 'xmax', 'ymax'], ['bbox'], ['x1', 'y1', 'x2', 'y2']] as const;

const simplified = (name: string) => name.toLowerCase().replaceAll(/[^\p{L}\d]/gu, '');

export interface Table {
  /** Path below the dataset's folder. */
  readonly file: string;
  readonly delimiter: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Undefined for an empty file. */
export function lookAtTable(dir: string, file: string, { delimiter: given }: Columns): Table | undefined {
  const text = beginningOf(join(dir, file), lookedAt.bytes);
  if (text.trim() === '') return undefined;
  const delimiter = given ?? delimiterOf(text);
  const [header = [], ...rows] = rowsIn(text, delimiter);
  return { file, delimiter, header, rows };
}

/** The delimiter that gives the header the most columns; a comma where none gives two. */
function delimiterOf(text: string): string {
  const columns = (delimiter: string) => rowsIn(text, delimiter, 1)[0]?.length ?? 0;
  return delimiters.reduce((best, each) => (columns(each) > columns(best) ? each : best));
}

/** Rows up to the first fault. Reading the whole file reports it. */
function rowsIn(text: string, delimiter: string, most: number = lookedAt.rows + 1): string[][] {
  const rows: string[][] = [];
  try {
    parse(text, {
      delimiter,
      trim: true,
      relax_column_count: true,
      to: most,
      skip_empty_lines: true,
      on_record: (row: string[]) => void rows.push(row),
    });
  } catch {
    if (rows.length === 0)
      return [
        text
          .split(/\r|\n/, 1)[0]!
          .split(delimiter)
          .map((name) => name.trim()),
      ];
  }
  return rows;
}

/** Indices of columns in the header. */
export interface Places {
  readonly path: number;
  readonly label: number;
  readonly split: number | undefined;
}

/** The column that the config names; undefined where it names none. Throws a UserError where the name is missing or not unique. */
export function namedColumn(
  dir: string,
  { file, header }: Table,
  columns: Columns,
  key: 'path' | 'label',
): number | undefined {
  const name = columns[key];
  if (name === undefined) return undefined;
  const index = header.indexOf(name);
  if (index >= 0) return single(dir, file, header, index);
  throw dataError(
    `${dir}/${file}:1: no column ${JSON.stringify(name)}: found ${shortened(header.join(', '))}; name it in data.csv.${key}.`,
    `${dir}/${file}:1`,
  );
}

/** Whether the header has the columns that the config names. */
export const hasNamed = ({ header }: Table, columns: Columns): boolean =>
  (['path', 'label'] as const).every((key) => columns[key] === undefined || header.includes(columns[key]));

/** Columns with usual names, the most specific first. */
export function usualColumns({ header }: Table, key: 'path' | 'label'): number[] {
  const names = header.map(simplified);
  return usualNames[key].split(' ').flatMap((name) => (names.includes(name) ? [names.indexOf(name)] : []));
}

/** The column of splits: the one that the config names, or else one with a usual name whose values are all splits. */
export function splitColumn({ header, rows }: Table, columns: Columns): number | undefined {
  const named = header.indexOf(columns.split ?? 'split');
  if (named >= 0) return named;
  if (columns.split !== undefined) return undefined;
  const names = usualNames.split.split(' ');
  const index = header.findIndex((name) => names.includes(simplified(name)));
  if (index < 0) return undefined;
  const { of } = splitsOfWords(rows.map((row) => row[index] ?? ''));
  return rows.length > 0 && rows.every((row) => of(row[index] ?? '') !== undefined) ? index : undefined;
}

/** Whether the table's rows are boxes in images. */
export function hasBoxes({ header }: Table): boolean {
  const names = header.map(simplified);
  return boxNames.some((box) => box.every((name) => names.includes(name)));
}

/** Returns `index`; throws a UserError where another column has the same name. */
export function single(dir: string, file: string, header: readonly string[], index: number): number {
  if (header.lastIndexOf(header[index]!) === index) return index;
  throw dataError(
    `${dir}/${file}:1: two columns are named ${JSON.stringify(header[index])}.`,
    `${dir}/${file}:1`,
  );
}
