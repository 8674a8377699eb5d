/** Rows of equal keys; a key is a column's header. */
export type Table = readonly Readonly<Record<string, string>>[];

/** Three significant digits, without an exponent. */
export const show = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));

/** Columns side by side: text to the left, figures to the right. */
export function printTable(title: string, rows: Table): void {
  const headers = Object.keys(rows[0] ?? {});
  const columns = headers.map((header) => {
    const cells = rows.map((row) => row[header]!);
    const width = Math.max(header.length, ...cells.map((cell) => cell.length));
    const isText = cells.some((cell) => /^[a-z]/i.test(cell));
    return (cell: string) => (isText ? cell.padEnd(width) : cell.padStart(width));
  });
  const line = (cells: readonly string[]) =>
    columns
      .map((pad, i) => pad(cells[i]!))
      .join('  ')
      .trimEnd();
  console.log(`\n${title}\n`);
  console.log(line(headers));
  for (const row of rows) console.log(line(headers.map((header) => row[header]!)));
}
