/** A click on the name of a column sorts the table: numbers from the largest, text from A; a second click the other way round. */

for (const table of document.querySelectorAll<HTMLTableElement>('table[data-sortable]')) {
  const headers = [...table.tHead!.rows[0]!.cells];
  for (const [column, header] of headers.entries()) {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener('click', () => sortBy(table, headers, column));
  }
}

function sortBy(table: HTMLTableElement, headers: HTMLTableCellElement[], column: number): void {
  const header = headers[column]!;
  const isNumeric = header.classList.contains('n');
  const before = header.getAttribute('aria-sort');
  const descending = before === null ? isNumeric : before === 'ascending';
  for (const other of headers) other.removeAttribute('aria-sort');
  header.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
  const body = table.tBodies[0]!;
  const rows = [...body.rows].map((row) => ({ row, value: sortValue(row.cells[column]!, isNumeric) }));
  rows.sort((a, b) => {
    // What has no value comes last, whichever way.
    if (a.value === undefined || b.value === undefined)
      return Number(a.value === undefined) - Number(b.value === undefined);
    const order =
      typeof a.value === 'number' ? a.value - (b.value as number) : a.value.localeCompare(String(b.value));
    return descending ? -order : order;
  });
  body.append(...rows.map(({ row }) => row));
}

function sortValue(cell: HTMLTableCellElement, isNumeric: boolean): number | string | undefined {
  const text = cell.dataset['value'] ?? cell.textContent ?? '';
  if (!isNumeric) return text;
  const value = Number.parseFloat(text.replaceAll(',', '').replace('−', '-'));
  return Number.isNaN(value) ? undefined : value;
}

export {};
