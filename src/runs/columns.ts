/**
 * Columns side by side: text to the left, figures to the right.
 * @param text matches a cell that makes its column one of text
 */
export function table(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  text = /[a-z]/,
): string {
  const columns = headers.map((header, i) => {
    const cells = rows.map((row) => row[i] ?? '');
    const width = Math.max(header.length, ...cells.map((cell) => cell.length));
    const isText = cells.some((cell) => text.test(cell));
    return (cell: string) => (isText ? cell.padEnd(width) : cell.padStart(width));
  });
  const line = (cells: readonly string[]) =>
    columns
      .map((pad, i) => pad(cells[i] ?? ''))
      .join('  ')
      .trimEnd();
  return [headers, ...rows].map(line).join('\n');
}
