import type { ConfigInput } from './input.js';
import { parseConfig } from './load.js';
import { completeConfig, withClasses } from './resolve.js';
import type { ResolvedLayer } from './resolved.js';

/**
 * The complete layers of a model without the rest of a config.
 * @throws UserError (exit code usage) that lists every fault of the model
 */
export function completeModel(
  model: ConfigInput['model'],
  classes: number,
  source = 'the model',
): ResolvedLayer[] {
  const config = parseConfig({ ...aConfig, model }, source);
  return withClasses(completeConfig(config, source), classes).model.layers;
}

/** What a config needs beside its model and its dataset, of any kind. */
export const aConfig = {
  name: 'model',
  data: { dir: 'data', features: { type: 'pixels', width: 1, height: 1 } },
  model: { layers: [{ type: 'dense', outFeatures: 'classes' }] },
  loss: { type: 'crossEntropy' },
  optimizer: { type: 'sgd', learningRate: 1 },
  training: { batchSize: 1, epochs: 1 },
} as const satisfies ConfigInput;
