import type { ConfigInput } from '../config/schema.js';
import type { LayerInput } from '../config/schema-model.js';
import { type Layer, layer } from './graph.js';

/** Own layers and losses (docs/own-layers.md): what a config says of them, as functions. */

type Custom = Extract<LayerInput, { type: 'custom' }>;
type CustomLoss = Extract<ConfigInput['loss'], { type: 'custom' }>;

export type CustomOptions = Omit<Custom, 'type' | 'module' | 'inputs'>;
export type CustomLossOptions = Omit<CustomLoss, 'type' | 'module'>;

/**
 * An own layer, of a module's `CustomOperatorFactory`.
 * @param module its file, which every thread imports: `new URL('./swish.js', import.meta.url)`, or a whole path
 */
export const custom = (module: URL | string, options: CustomOptions = {}): Layer =>
  layer({ type: 'custom', module: textOf(module), ...options });

/** An own loss, of a module's `CustomLossFactory`: `fit(model, data, { loss: customLoss(...) })`. @param module as of `custom` */
export const customLoss = (module: URL | string, options: CustomLossOptions = {}): CustomLoss => ({
  type: 'custom',
  module: textOf(module),
  ...options,
});

const textOf = (module: URL | string): string => (typeof module === 'string' ? module : module.href);
