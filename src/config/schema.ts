import { z } from 'zod';
import { data } from './schema-data.js';
import type { InitializerConfig } from './schema-initializers.js';
import { type LayerConfig, model } from './schema-model.js';
import { optimizer } from './schema-optimizer.js';
import { loss, training } from './schema-training.js';

/**
 * The schema of a config file: one JSON document that says everything about a run.
 *
 * It contains every default, here or in the modules of its parts; a run's `config.json` has them filled in. `z.toJSONSchema` makes the
 * schema for editors of it (`dist/config.schema.json`).
 */

export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('Where an editor finds this schema'),
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      'must be 1 to 64 letters, digits, dots, dashes or underscores',
    )
    .describe("Of the run: the start of its directory's name"),
  seed: z.int().min(0).max(0xffffffff).default(1).describe('Of every random number of the training'),
  data: data.describe('The dataset, and what is made of it'),
  model: model.describe('The network'),
  loss: loss.describe('What is made small: of the network, or own code'),
  optimizer: optimizer.describe(
    'How the weights move: by SGD, also where there is no type, with weight decay coupled (sgd) or not (sgdw); by Adam, AdamW or RMSprop, ' +
      'as PyTorch defines them; or by Lion',
  ),
  training,
});

/** A config with all defaults filled in. */
export interface Config extends z.output<typeof configSchema> {}
export type DataConfig = Config['data'];
export type FeaturesConfig = DataConfig['features'];
export type GenerateConfig = NonNullable<DataConfig['generate']>;
export type OptimizerConfig = Config['optimizer'];
export type OptimizerType = OptimizerConfig['type'];
export type OptimizerOf<T extends OptimizerType> = Extract<OptimizerConfig, { type: T }>;
export type LossConfig = Config['loss'];
export type CustomLossConfig = Extract<LossConfig, { type: 'custom' }>;
export type MetricName = Config['training']['bestBy'];
export type SamplerType = Config['training']['sampler'];
export type { AugmentationConfig } from './schema-augmentation.js';
export type { LayerConfig } from './schema-model.js';
export type LayerType = LayerConfig['type'];
export type Initializer = InitializerConfig;
export { type SourceType, sourceTypes } from './schema-data.js';
