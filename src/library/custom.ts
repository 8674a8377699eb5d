import type { CustomLayer, CustomLossInput } from '../config/input.js';
import { argumentError } from './argument-error.js';
import { type Layer, layer } from './graph.js';

/** Own layers and losses (docs/own-layers.md): what a config says of them, as functions. */

export interface CustomOptions extends Omit<CustomLayer, 'type' | 'module' | 'inputs'> {}
export interface CustomLossOptions extends Omit<CustomLossInput, 'type' | 'module'> {}

/**
 * An own layer, of a module's `CustomOperatorFactory`.
 * @param module its file, which every thread imports: `new URL('./swish.js', import.meta.url)`, or a whole path
 */
export const custom = (module: URL | string, options: CustomOptions = {}): Layer =>
  layer({ type: 'custom', module: textOf(module, 'custom'), ...options });

/** An own loss, of a module's `CustomLossFactory`: `fit(model, data, { loss: customLoss(...) })`. @param module as of `custom` */
export const customLoss = (module: URL | string, options: CustomLossOptions = {}): CustomLossInput => ({
  type: 'custom',
  module: textOf(module, 'customLoss'),
  ...options,
});

function textOf(module: URL | string, of: string): string {
  if (module instanceof URL) return module.href;
  if (typeof module === 'string') return module;
  const takes = "a module's URL or path, such as new URL('./own.js', import.meta.url)";
  throw argumentError(of, takes, module, 'module');
}
