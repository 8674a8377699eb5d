import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { sharedMemoryLimit } from '#lockstep/compile/memory-limit.js';
import { planMemory } from '#lockstep/compile/memory-plan.js';
import { loadConfig, parseConfig } from '#lockstep/config/load.js';
import { completeConfig, withClasses } from '#lockstep/config/resolve.js';
import type { Config } from '#lockstep/config/schema.js';
import { sampleShape, sampleType } from '#lockstep/data/features.js';
import { buildNetwork, requireClasses } from '#lockstep/graph/network.js';
import { requireClassWeights } from '#lockstep/runtime/class-weights.js';
import { damagedText, damagedValue, extremes, oddTexts } from '../mutations.js';
import { target } from '../target.js';

/** Configs, as text and as values, with `--set`: all that is done with one before a dataset is opened. */

const texts = ['perceptron', 'lenet5', 'improved', 'tuned/improved', 'tuned/perceptron'].map((name) =>
  readFileSync(new URL(`../../../../configs/${name}.json`, import.meta.url), 'utf8'),
);

export const configText = target({
  cases: () => damagedText(...texts, `\uFEFF${texts[0]}`, texts[1]!.replaceAll('\n', '\r\n')),
  run(text) {
    writeFileSync('config.json', text);
    plan(loadConfig('config.json'));
  },
});

const keys = [
  ...['seed', 'name', 'data', 'data.dir', 'data.features.width', 'data.csv.delimiter', 'training.batchSize'],
  ...['training.epochs', 'model.layers', 'model.layers.0', 'model.layers[1].kernelSize', 'model.layers.999'],
  ...[
    'model.layers.0.outChannels',
    'optimizer.learningRate',
    'loss.classWeights',
    'training.augmentation.crop',
    'training.augmentation.resizedCrop.scale',
  ],
  ...[
    '__proto__',
    'constructor.prototype.x',
    'model.__proto__.layers',
    'model.layers.length',
    'a.b.c.d.e',
    '',
    '.',
  ],
];
const values = fc.oneof(
  fc.constantFrom(...extremes.map(String), ...oddTexts, 'true', '[]', '{}', '{"type":"cosine"}', '[1,2]'),
  fc.nat(30_000).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
);
const override = fc.oneof(
  fc.tuple(fc.constantFrom(...keys), values).map(([key, value]) => `${key}=${value}`),
  fc.string({ maxLength: 30 }),
);

export const configValue = target({
  cases: () =>
    fc.record({
      value: damagedValue(...texts.map((text) => JSON.parse(text) as unknown)),
      overrides: fc.oneof(fc.constant([]), fc.array(override, { maxLength: 4 })),
    }),
  run: ({ value, overrides }) => plan(parseConfig(value, 'the config', overrides)),
});

function plan(read: Config): void {
  const config = withClasses(completeConfig(read), 50);
  const { model, data, loss } = config;
  const network = buildNetwork(model.layers, sampleShape(data.features));
  requireClasses(network, model.layers, 50);
  requireClassWeights(loss.classWeights, 50);
  const format = { sampleType: sampleType(data.features), sampleShape: network.input };
  const splits = { train: { samples: 1000 }, validation: { samples: 100 }, test: { samples: 100 } };
  planMemory(network, { ...format, splits }, config, 2, sharedMemoryLimit(2 ** 30, 2, 2 ** 30));
}
