import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { z } from 'zod';
import type { ConfigInput } from '#lockstep/config/input.js';
import { loadConfig, parseConfig } from '#lockstep/config/load.js';
import type { configSchema } from '#lockstep/config/schema.js';

/** The types of a config, which the reference's tool writes from the schema. */

const input = suite('types of a config');

/** Compiles only where a key of these types is the schema's, and of its type. */
const asSchema = (config: ConfigInput): z.input<typeof configSchema> => config;

input('what they allow, the schema takes', () => {
  const config: ConfigInput = {
    name: 'typed',
    data: { dir: 'pictures', features: { type: 'pixels', width: 32, height: 24 } },
    model: {
      layers: [
        { type: 'conv2d', outChannels: 4, kernelSize: [3, 5], stride: 2, padding: [1, 2] },
        { type: 'residual', body: [{ type: 'batchNorm', weightInit: { type: 'zeros' } }] },
        { type: 'maxPool', window: [2, 2] },
        { type: 'flatten' },
        { type: 'dense', outFeatures: 'classes' },
      ],
    },
    loss: { type: 'crossEntropy', classWeights: 'balanced' },
    optimizer: {
      learningRate: 0.1,
      schedule: { type: 'cosine' },
      layerFactors: [{ layers: 'fc1', factor: 2 }],
    },
    training: { batchSize: 8, epochs: 2, augmentation: { crop: { padding: 2, border: 'reflect' } } },
  };
  assert.is(parseConfig(asSchema(config)).optimizer.type, 'sgd');
});

input('a size is no text', () => {
  const { data, loss, optimizer, training } = loadConfig('configs/lenet5.json');
  // @ts-expect-error: the types refuse it as the schema does
  const wrong: ConfigInput['model'] = { layers: [{ type: 'maxPool', window: 'two' }] };
  assert.throws(
    () => parseConfig({ name: 'wrong', data, loss, optimizer, training, model: wrong }),
    /model\.layers\[0\]\.window: found "two"/,
  );
});

input.run();
