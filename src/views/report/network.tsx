import type { ConfigLayer } from '../../graph/network.js';
import { layerColumns, layerRows } from '../layer-rows.js';
import { Table } from '../pages/table.js';

/** The config's layers, one per row, with shapes and costs; the last row is the sum. */
export function NetworkTable({ layers }: { layers: readonly ConfigLayer[] }) {
  return (
    <Table
      caption="Layers from input to output. Shapes: channels x height x width, or features; multiply-adds: of one image's forward pass"
      rows={layerRows(layers)}
      columns={layerColumns.map(({ name, of, text = false }) => ({
        name,
        of,
        ...(!text && { numeric: true }),
      }))}
    />
  );
}
