import type { ComponentChildren } from 'preact';
import { Scroll } from './elements.js';
import { Unbroken } from './unbroken.js';

export interface Column<Row> {
  readonly name: string;
  readonly of: (row: Row) => ComponentChildren;
  /** Numbers are aligned to the right. */
  readonly numeric?: boolean;
  /** Sort key, if it is not the cell's text. null comes last. */
  readonly sortBy?: (row: Row) => number | string | null;
}

interface TableProps<Row> {
  /** Describes the rows. */
  readonly caption: string;
  /** The first column names the row. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** A click on a column's name sorts by it. Needs the script `sort-tables`. */
  readonly sortable?: boolean;
}

/** A table that scrolls sideways where the page is too narrow. */
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
