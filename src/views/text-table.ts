import { table } from '../runs/columns.js';
import { printable } from './printable.js';

/** A table of texts, which a page, Markdown and the terminal show alike. */

export interface TextTable {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  /** The first one names the row. */
  readonly columns: readonly { readonly name: string; readonly numeric: boolean }[];
  readonly rows: readonly (readonly string[])[];
}

export interface TextColumn<Row> {
  readonly name: string;
  readonly of: (row: Row) => string;
  readonly text?: boolean;
}

/** Each cell as printable text. */
export const tableOf = <Row>(
  about: Pick<TextTable, 'id' | 'title' | 'caption'>,
  columns: readonly TextColumn<Row>[],
  rows: readonly Row[],
): TextTable => ({
  ...about,
  columns: columns.map(({ name, text = false }) => ({ name, numeric: !text })),
  rows: rows.map((row) => columns.map(({ of }) => printable(of(row)))),
});

/** For the terminal. */
export const terminalTable = ({ title, columns, rows }: TextTable): string =>
  `${title}\n${table(
    columns.map(({ name }) => name),
    rows,
  )}\n`;
