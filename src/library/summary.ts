import { completeModel } from '../config/complete-model.js';
import type { ConfigInput } from '../config/input.js';
import type { ResolvedLayer } from '../config/resolved.js';
import { ExitCode, UserError } from '../errors.js';
import { configLayers } from '../graph/network.js';
import { table } from '../runs/columns.js';
import { layerColumns, layerRows } from '../views/layer-rows.js';

export interface SummaryOptions {
  /** Of a sample: `[channels, height, width]`, or `[features]`. */
  readonly shape: readonly number[];
  readonly classes: number;
}

/** A network's table, as a report shows it, for the terminal. */
export function layersTable(layers: readonly ResolvedLayer[], shape: readonly number[]): string {
  const rows = layerRows(configLayers(layers, shape));
  return table(
    layerColumns.map(({ name }) => name),
    rows.map((row) => layerColumns.map(({ of }) => of(row))),
  );
}

/** Of a model that is not trained yet. */
export function modelSummary(model: ConfigInput['model'], options: SummaryOptions): string {
  const { shape, classes } = options ?? {};
  if (Array.isArray(shape) && Number.isInteger(classes))
    return layersTable(completeModel(model, classes), shape);
  throw new UserError(
    'summary needs the shape of a sample and the number of classes, such as { shape: [3, 32, 32], classes: 10 }',
    ExitCode.usage,
    { path: 'options' },
  );
}
