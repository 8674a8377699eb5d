import type { CustomLayer, CustomLossInput } from '../config/input.js';
import { type Layer, layer } from './graph.js';

/** Own layers and losses (docs/own-layers.md): what a config says of them, as functions. */

export interface CustomOptions extends Omit<CustomLayer, 'type' | 'module' | 'inputs'> {}
export interface CustomLossOptions extends Omit<CustomLossInput, 'type' | 'module'> {}

/**
 * An own layer, of a module's `CustomOperatorFactory`.
 * @param module its file, which every thread imports: `new URL('./swish.js', import.meta.url)`, or a whole path
 */
export const custom = (module: URL | string, options: CustomOptions = {}): Layer =>
  layer({ type: 'custom', module: textOf(module), ...options });

/** An own loss, of a module's `CustomLossFactory`: `fit(model, data, { loss: customLoss(...) })`. @param module as of `custom` */
export const customLoss = (module: URL | string, options: CustomLossOptions = {}): CustomLossInput => ({
  type: 'custom',
  module: textOf(module),
  ...options,
});

const textOf = (module: URL | string): string => (typeof module === 'string' ? module : module.href);
