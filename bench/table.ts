import { table } from '#lockstep/runs/columns.js';

/** Rows of equal keys; a key is a column's header. */
export type Table = readonly Readonly<Record<string, string>>[];

/** Three significant digits, without an exponent. */
export const show = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));

/** A column is of text where a cell begins with a letter: `12 ms` is a figure. */
export function printTable(title: string, rows: Table): void {
  const headers = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => headers.map((header) => row[header]!));
  console.log(`\n${title}\n\n${table(headers, cells, /^[a-z]/i)}`);
}
