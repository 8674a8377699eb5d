import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { DataConfig } from '../../config/schema.js';
import { dataError, shortened } from '../faults.js';
import { beginningOf } from './bytes.js';
import { splitsOfWords } from './split-names.js';

/** A look at a csv file: its delimiter, its header, its first rows, and which column is what. */

type Columns = DataConfig['csv'];

/** Of a file's beginning: bytes, and rows. */
const lookedAt = { bytes: 65_536, rows: 50 } as const;

const delimiters = [',', ';', '\t', '|'] as const;

/** Names of columns, most telling first, in lower case and without what is no letter or digit. */
const usualNames = {
  path:
    'path paths filepath filepaths filename filenames file files imagepath imagepaths imgpath imagefile imagefilename imagename imgname ' +
    'image images img imageid imgid idcode id name uuid',
  label:
    'label labels class classname classes category categoryname target targets classid labelname classlabel categoryid species breed ' +
    'dx diagnosis y',
  split: 'split set subset dataset partition usage phase',
} as const satisfies Record<string, string>;

/** Of objects in an image: there is no one label of the whole. */
const boxNames = [['xmin', 'ymin', 'xmax', 'ymax'], ['bbox'], ['x1', 'y1', 'x2', 'y2']] as const;

const usual = (name: string) => name.toLowerCase().replaceAll(/[^\p{L}\d]/gu, '');

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

/** That which makes the most columns of the header; a comma, where none makes two. */
function delimiterOf(text: string): string {
  const columns = (delimiter: string) => rowsIn(text, delimiter, 1)[0]?.length ?? 0;
  return delimiters.reduce((best, each) => (columns(each) > columns(best) ? each : best));
}

/** As far as they can be read: whatever is wrong is for reading the whole file to say. */
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

/** Places of columns in the header. */
export interface Places {
  readonly path: number;
  readonly label: number;
  readonly split: number | undefined;
}

/** The column that the config names, or undefined. Throws a UserError where there is none of that name, or two. */
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
  );
}

/** Whether the header has the columns that the config names. */
export const hasNamed = ({ header }: Table, columns: Columns): boolean =>
  (['path', 'label'] as const).every((key) => columns[key] === undefined || header.includes(columns[key]));

/** Columns whose names are usual ones, most telling first. */
export function usualColumns({ header }: Table, key: 'path' | 'label'): number[] {
  const names = header.map(usual);
  return usualNames[key].split(' ').flatMap((name) => (names.includes(name) ? [names.indexOf(name)] : []));
}

/** The column of splits: the one that the config names, if it is there; else one of a usual name whose values are splits. */
export function splitColumn({ header, rows }: Table, columns: Columns): number | undefined {
  const named = header.indexOf(columns.split ?? 'split');
  if (named >= 0) return named;
  if (columns.split !== undefined) return undefined;
  const names = usualNames.split.split(' ');
  const index = header.findIndex((name) => names.includes(usual(name)));
  if (index < 0) return undefined;
  const { of } = splitsOfWords(rows.map((row) => row[index] ?? ''));
  return rows.length > 0 && rows.every((row) => of(row[index] ?? '') !== undefined) ? index : undefined;
}

/** Whether each row is a box in an image. */
export function hasBoxes({ header }: Table): boolean {
  const names = header.map(usual);
  return boxNames.some((box) => box.every((name) => names.includes(name)));
}

/** `index`, or a UserError where another column has the same name. */
export function single(dir: string, file: string, header: readonly string[], index: number): number {
  if (header.lastIndexOf(header[index]!) === index) return index;
  throw dataError(`${dir}/${file}:1: two columns are named ${JSON.stringify(header[index])}.`);
}
