import type { TextTable } from '../text-table.js';
import { Table } from './table.js';

export const TableOfText = ({ table: { caption, columns, rows } }: { table: TextTable }) => (
  <Table
    caption={caption}
    columns={columns.map(({ name, numeric }, column) => ({
      name,
      numeric,
      of: (row: readonly string[]) => row[column]!,
    }))}
    rows={rows}
  />
);
