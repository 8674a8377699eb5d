import type { ComponentChildren } from 'preact';
import { Scroll } from './elements.js';
import { Unbroken } from './unbroken.js';

export interface Column<Row> {
  readonly name: string;
  readonly of: (row: Row) => ComponentChildren;
  /** Numbers stand to the right, digit under digit. */
  readonly numeric?: boolean;
  /** What a sortable table sorts by where it is not the cell's text. null comes last. */
  readonly sortBy?: (row: Row) => number | string | null;
}

interface TableProps<Row> {
  /** What the rows are. */
  readonly caption: string;
  /** The first one names the row. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** With the script `sort-tables`, a click on a column's name sorts by it. */
  readonly sortable?: boolean;
}

/** A table in a region of its own, which scrolls where the page is too narrow for it. */
export function Table<Row>({ caption, columns, rows, sortable = false }: TableProps<Row>) {
  return (
    <Scroll label={caption}>
      <table data-sortable={sortable ? '' : undefined}>
        <caption>
          <span>{caption}</span>
        </caption>
        <thead>
          <tr>
            {columns.map(({ name, numeric }) => (
              <th key={name} scope="col" class={numeric ? 'n' : undefined}>
                <Unbroken text={name} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, r) => (
            <tr key={r}>
              {columns.map((column, c) => (
                <Cell key={column.name} row={row} column={column} isName={c === 0} sortable={sortable} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Cell<Row>(props: { row: Row; column: Column<Row>; isName: boolean; sortable: boolean }) {
  const { row, column, isName, sortable } = props;
  const shared = {
    class: column.numeric ? 'n' : undefined,
    'data-value': sortable ? (column.sortBy?.(row) ?? undefined) : undefined,
  };
  return isName ? (
    <th scope="row" {...shared}>
      {column.of(row)}
    </th>
  ) : (
    <td {...shared}>{column.of(row)}</td>
  );
}
