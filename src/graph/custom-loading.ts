import type { ResolvedConfig } from '../config/resolved.js';
import { ExitCode, UserError } from '../errors.js';
import {
  type CodePlace,
  type CustomCode,
  codeError,
  type ImportModule,
  keyOf,
  nameOf,
  textOf,
} from './custom-code.js';
import { createLoss } from './custom-loss.js';
import { configLayers } from './network.js';
import { createOperator } from './ops/custom.js';
import { labelOf } from './ops/geometry.js';
import type { Shape } from './shape.js';
import { wireLayers } from './wiring.js';

/** A network's layers and loss, as far as they may be own code. */
export interface CodeOwner {
  readonly model: Pick<ResolvedConfig['model'], 'layers'>;
  readonly loss: ResolvedConfig['loss'];
}

/**
 * Imports the modules of own operators and of an own loss; nothing where there are none.
 * @throws UserError (exit code usage) that names layer and module where one is not there, is another one, throws, or lacks the export
 */
export async function loadCode(owner: CodeOwner, importModule: ImportModule): Promise<CustomCode> {
  const code = new Map<string, unknown>();
  for (const { who, place } of placesOf(owner)) {
    if (!code.has(keyOf(place))) code.set(keyOf(place), await exportOf(who, place, importModule));
  }
  return code;
}

function placesOf({ model, loss }: CodeOwner): { readonly who: string; readonly place: CodePlace }[] {
  const layers = wireLayers(model.layers).flatMap((layer) =>
    layer.config.type === 'custom'
      ? [{ who: `layer ${labelOf(layer.config, layer)}`, place: layer.config }]
      : [],
  );
  return loss.type === 'custom' ? [...layers, { who: 'loss', place: loss }] : layers;
}

async function exportOf(who: string, place: CodePlace, importModule: ImportModule): Promise<unknown> {
  const name = nameOf(who, place);
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await importModule(place);
  } catch (error) {
    if (!(error instanceof UserError))
      throw codeError(name, `the module cannot be loaded: ${textOf(error)}`, ExitCode.usage, error);
    const { message, exitCode, path } = error;
    throw new UserError(`${who}: ${message}`, exitCode, { cause: error, path });
  }
  const value = exported[place.export];
  if (typeof value === 'function') return value;
  const found = value === undefined ? `no ${place.export}` : `${place.export} as ${typeof value}`;
  const names = Object.keys(exported).join(', ') || 'nothing';
  throw codeError(
    name,
    `it exports ${found}, expected a function, the factory; it exports ${names}`,
    ExitCode.usage,
  );
}

/**
 * Whether the factories give what they should: better known before a dataset is decoded than after.
 * @param input a sample's shape
 * @throws UserError (exit code usage) that names layer and module
 */
export function requireCode(
  { model, loss }: CodeOwner,
  input: Shape,
  classes: number,
  code: CustomCode,
): void {
  const layers = configLayers(model.layers, input);
  for (const layer of layers) {
    if (layer.config.type !== 'custom') continue;
    const inputs = layer.inputs.map((from) => (from < 0 ? input : layers[from]!.operator.output));
    createOperator(
      layer.config,
      labelOf(layer.config, layer),
      { inputs, output: layer.operator.output },
      code,
    );
  }
  if (loss.type === 'custom') createLoss(loss, classes, code);
}
