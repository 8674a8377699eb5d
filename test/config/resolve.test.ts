import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configJsonSchema } from '#lockstep/config/json-schema.js';
import { loadConfig, parseConfig } from '#lockstep/config/load.js';
import { completeConfig, resolveConfig, withClasses } from '#lockstep/config/resolve.js';
import type { ResolvedConfig, ResolvedResidual } from '#lockstep/config/resolved.js';
import { ExitCode, type UserError } from '#lockstep/errors.js';

const recipes = ['perceptron', 'lenet5', 'improved'] as const;
const load = (name: string, ...overrides: string[]) =>
  withClasses(completeConfig(loadConfig(`configs/${name}.json`, overrides)), 50);

const parameterNames = (config: ResolvedConfig) =>
  config.model.layers.flatMap((layer) => ('name' in layer ? [layer.name] : []));

/** The layers in short: `conv2d 6 3x3`. */
const shorthand = (config: ResolvedConfig) =>
  config.model.layers.map((layer) => {
    switch (layer.type) {
      case 'conv2d':
        return `conv2d ${layer.outChannels} ${layer.kernelSize.join('x')}`;
      case 'dense':
        return `dense ${layer.outFeatures}`;
      case 'maxPool':
        return `maxPool ${layer.window.join('x')} by ${layer.stride.join('x')}`;
      case 'zeroPad':
        return `zeroPad ${layer.top} ${layer.right} ${layer.bottom} ${layer.left}`;
      default:
        return layer.type;
    }
  });

const recipe = suite("the report's recipes");

recipe('share loss, optimizer, batch, epochs and seed', () => {
  const rates = { perceptron: 1e-3, lenet5: 1e-3, improved: 1e-4 };
  for (const name of recipes) {
    const config = load(name);
    assert.is(config.name, name);
    assert.is(config.seed, name === 'improved' ? 2 : 1); // the README says why
    assert.equal(config.loss, {
      type: 'crossEntropy',
      reduction: 'sum',
      labelSmoothing: 0,
      classWeights: 'none',
    });
    assert.equal(config.optimizer, {
      type: 'sgd',
      learningRate: rates[name],
      momentum: 0,
      nesterov: false,
      weightDecay: 0,
      decayBiasesAndNorms: true,
      layerFactors: [],
      schedule: { type: 'constant', warmupEpochs: 0 },
    });
    assert.equal(config.training, {
      batchSize: 64,
      epochs: 30,
      sampler: 'shuffled',
      freeze: [],
      augmentation: {},
      bestBy: 'top1',
    });
    assert.is(config.data.dir, 'data/shapes');
  }
});

recipe('perceptron: 192 histogram features, 32 sigmoids, uniform by the input size, biases 0', () => {
  const config = load('perceptron');
  assert.equal(config.data.features, { type: 'colorHistogram', width: 64, height: 64, bins: 64 });
  assert.equal(shorthand(config), ['dense 32', 'sigmoid', 'dense 50']);
  assert.equal(parameterNames(config), ['fc1', 'fc2']);
  assert.equal(config.model.weightInit, { type: 'inputUniform', gain: 1 });
  assert.equal(config.model.biasInit, { type: 'zeros' });
});

recipe('LeNet-5: the layers of the report, normal weights by the channels, biases N(0, 1)', () => {
  const config = load('lenet5');
  assert.equal(config.data.features, { type: 'pixels', width: 32, height: 32, normalize: 'mean' });
  assert.equal(
    shorthand(config).join(', '),
    'conv2d 6 5x5, sigmoid, maxPool 2x2 by 2x2, conv2d 16 5x5, sigmoid, maxPool 2x2 by 2x2, flatten, ' +
      'dense 120, sigmoid, dense 84, sigmoid, dense 50',
  );
  assert.equal(parameterNames(config), ['conv1', 'conv2', 'fc1', 'fc2', 'fc3']);
  assert.equal(config.model.weightInit, { type: 'channelNormal', gain: 1 });
  assert.equal(config.model.biasInit, { type: 'normal', mean: 0, deviation: 1 });
});

recipe('improved LeNet-5: zero pads before and after the second pool, right and bottom', () => {
  const config = load('improved');
  assert.equal(
    shorthand(config).join(', '),
    'conv2d 6 3x3, silu, maxPool 2x2 by 2x2, conv2d 16 3x3, silu, zeroPad 0 1 1 0, maxPool 2x2 by 2x2, ' +
      'zeroPad 0 1 1 0, conv2d 6 3x3, silu, flatten, dense 120, silu, dense 84, silu, dense 50',
  );
  assert.equal(parameterNames(config), ['conv1', 'conv2', 'conv3', 'fc1', 'fc2', 'fc3']);
  assert.equal(config.model.biasInit, { type: 'normal', mean: 0, deviation: 1 });
});

recipe.run();

const resolve = suite('resolveConfig');

const nested = {
  type: 'residual',
  shortcut: [{ type: 'conv2d', kernelSize: 1, outChannels: 3 }],
  body: [{ type: 'maxPool', window: 3, stride: 1, padding: 1 }, { type: 'prelu' }],
} as const;

resolve(
  'a config that is read again has the same text: files of a resumed run are those of one in a piece',
  () => {
    const layers = [
      nested,
      { type: 'groupNorm', groups: 3 },
      { type: 'flatten' },
      { outFeatures: 'classes', type: 'dense' },
    ];
    const blocks = load('lenet5', `model.layers=${JSON.stringify(layers)}`);
    for (const config of [
      ...['fast', 'mobile', 'resnet8', 'tiny', 'tuned/improved'].map((name) => load(name)),
      blocks,
    ]) {
      const text = JSON.stringify(config);
      assert.is(JSON.stringify(resolveConfig(parseConfig(JSON.parse(text), 'config.json'))), text);
    }
  },
);

resolve('fills in initializers, pairs and strides', () => {
  const { layers } = load('lenet5', 'model.layers.3.biasInit.type=zeros').model;
  assert.equal(layers[0], {
    type: 'conv2d',
    name: 'conv1',
    outChannels: 6,
    kernelSize: [5, 5],
    stride: [1, 1],
    padding: [0, 0],
    dilation: [1, 1],
    groups: 1,
    bias: true,
    weightInit: { type: 'channelNormal', gain: 1 },
    biasInit: { type: 'normal', mean: 0, deviation: 1 },
  });
  assert.equal('biasInit' in layers[3]! && layers[3].biasInit, { type: 'zeros' });
});

resolve("a run's config.json loads again to the same", () => {
  for (const name of recipes) {
    const once = load(name, 'model.layers.0.name=first');
    const read = parseConfig(JSON.parse(JSON.stringify(once)));
    assert.equal(resolveConfig(read), once);
    assert.not.ok('$schema' in once);
  }
});

resolve('a convolution without a bias has no initializer of one, and loads again to the same', () => {
  const layer = '{"type":"conv2d","outChannels":6,"kernelSize":5,"padding":"same","bias":false}';
  const once = load('lenet5', `model.layers.0=${layer}`);
  const [conv] = once.model.layers;
  assert.ok(conv?.type === 'conv2d' && conv.padding === 'same' && !('biasInit' in conv));
  assert.equal(resolveConfig(parseConfig(JSON.parse(JSON.stringify(once)))), once);
});

resolve("the number of classes is the dataset's, and of a config without one it must be a number", () => {
  const complete = completeConfig(loadConfig('configs/lenet5.json'));
  for (const classes of [2, 7, 1000]) {
    const { layers } = withClasses(complete, classes).model;
    assert.equal(layers.at(-1), { ...complete.model.layers.at(-1), outFeatures: classes });
    assert.equal(layers.slice(0, -1), complete.model.layers.slice(0, -1));
  }
  assert.throws(
    () => resolveConfig(loadConfig('configs/lenet5.json')),
    /^the config has 1 fault:\n {2}model\.layers\[11\]\.outFeatures: found "classes"; expected their number/,
  );
  assert.throws(
    () => load('lenet5', 'model.layers.11.outFeatures=class'),
    /found "class"; expected an integer of 1 or more, at most 1000000, or "classes"/,
  );
});

resolve('histograms cannot be augmented', () => {
  const changes = ['training.augmentation={"flip":{}}'];
  assert.throws(
    () => completeConfig(loadConfig('configs/perceptron.json', changes)),
    (error: UserError) =>
      error.exitCode === ExitCode.usage &&
      /training\.augmentation\.flip: only images can be augmented/.test(error.message),
  );
});

resolve('a reflected border is narrower than the image', () => {
  const crop = (padding: number) => [
    'data.features.height=24',
    `training.augmentation={"crop":{"padding":${padding},"border":"reflect"}}`,
  ];
  completeConfig(loadConfig('configs/lenet5.json', crop(23)));
  assert.throws(
    () => completeConfig(loadConfig('configs/lenet5.json', crop(24))),
    /training\.augmentation\.crop\.padding: found 24; with a reflected border less than the image's 24/,
  );
});

resolve('a named layer still counts in the numbering of default names', () => {
  assert.equal(parameterNames(load('improved', 'model.layers.3.name=middle')), [
    'conv1',
    'middle',
    'conv3',
    'fc1',
    'fc2',
    'fc3',
  ]);
});

resolve(
  'layers of another learning rate are found by a pattern of names; a fault says what was meant',
  () => {
    const factors = (layers: string) =>
      load('lenet5', `optimizer.layerFactors=[{"layers":"${layers}","factor":0.1}]`);
    for (const layers of ['conv1', 'c*', '*', 'f*1', 'conv1.bias', '*.weight']) factors(layers);
    const fault = (layers: string): string => {
      try {
        factors(layers);
      } catch (error) {
        return (error as Error).message;
      }
      throw new Error(`${layers} is taken`);
    };
    assert.match(
      fault('cnov1'),
      'optimizer.layerFactors[0].layers: found "cnov1", which no layer with parameters is named; did you mean "conv1"?',
    );
    assert.match(fault('relu*'), 'they are conv1, conv2, fc1, fc2, fc3');
    assert.match(fault('conv1.bais'), 'did you mean "conv1.bias"?');
    for (const layers of ['c.*', 'CONV*', 'onv1', 'conv1.slope', '*.bias.*']) fault(layers);
  },
);

resolve('frozen layers are found by patterns too, and one is left to train', () => {
  load('lenet5', 'training.freeze=["conv*","fc1"]');
  assert.throws(
    () => load('lenet5', 'training.freeze=["conv*","fc9"]'),
    /training\.freeze\[1\]: found "fc9"/,
  );
  // Signs that mean something in a regular expression, and those that may not be escaped in one.
  for (const name of ['conv-1', 'conv.1', 'conv[12]', 'conv 1', 'convé'])
    assert.throws(() => load('lenet5', `training.freeze=["${name}"]`), /training\.freeze\[0\]: found "conv/);
  assert.throws(
    () => load('lenet5', 'training.freeze=["conv*","fc*"]'),
    /training\.freeze: found patterns that match every layer with parameters; leave one to train/,
  );
});

resolve('two layers of one name are a fault, given or by default', () => {
  assert.throws(
    () => load('lenet5', 'model.layers.7.name=fc3'),
    (error: Error) =>
      error.message ===
      'the config has 1 fault:\n  model.layers[11].name: "fc3" is the name of model.layers[7] too; give one of them another',
  );
});

resolve('layers in blocks are completed, and load again to the same', () => {
  const block = {
    type: 'residual',
    body: [{ type: 'conv2d', outChannels: 3, kernelSize: 3, padding: 1 }, { type: 'batchNorm' }],
    shortcut: [{ type: 'conv2d', outChannels: 3, kernelSize: 1 }],
  };
  const layers = [
    block,
    { type: 'flatten' },
    { type: 'residual', body: [{ type: 'dense', outFeatures: 'classes' }] },
  ];
  const complete = completeConfig(
    loadConfig('configs/lenet5.json', [`model.layers=${JSON.stringify(layers)}`]),
  );
  const config = withClasses(complete, 7);
  const [first, , last] = config.model.layers as [ResolvedResidual, unknown, ResolvedResidual];
  const inside = [...first.body, ...first.shortcut!, ...last.body];
  assert.equal(
    inside.map(({ name }) => name),
    ['conv1', 'bn1', 'conv2', 'fc1'],
  );
  assert.equal(first.body[0], {
    ...{ type: 'conv2d', name: 'conv1', outChannels: 3, kernelSize: [3, 3], stride: [1, 1], padding: [1, 1] },
    ...{ dilation: [1, 1], groups: 1, bias: true },
    ...{ weightInit: config.model.weightInit, biasInit: config.model.biasInit },
  });
  assert.is((last.body[0] as { outFeatures: unknown }).outFeatures, 7);
  assert.equal(resolveConfig(parseConfig(JSON.parse(JSON.stringify(config)))), config);
  assert.throws(
    () => resolveConfig(parseConfig(JSON.parse(JSON.stringify(complete)))),
    /model\.layers\[2\]\.body\[0\]\.outFeatures: found "classes"/,
  );
});

resolve('too many layers, counting those in blocks, are refused', () => {
  const many = JSON.stringify([
    { type: 'residual', body: Array(999).fill({ type: 'relu' }) },
    { type: 'tanh' },
  ]);
  assert.throws(
    () => load('lenet5', `model.layers=${many}`),
    /model\.layers: found 1001 layers, those in blocks included; expected at most 1000/,
  );
});

resolve.run();

const schema = suite('the JSON Schema for editors');

schema('is what the build writes, and knows every key of the recipes', () => {
  const built = JSON.parse(readFileSync('dist/config.schema.json', 'utf8'));
  assert.equal(built, JSON.parse(JSON.stringify(configJsonSchema())));
  assert.is(built.$schema, 'https://json-schema.org/draft/2020-12/schema');
  for (const name of recipes) {
    const recipe = JSON.parse(readFileSync(`configs/${name}.json`, 'utf8'));
    assert.is(recipe.$schema, '../dist/config.schema.json');
    for (const key of Object.keys(recipe)) assert.ok(key in built.properties, key);
    for (const key of built.required) assert.ok(key in recipe, key);
  }
});

schema('does not require what has a default, and refuses unknown keys', () => {
  const { properties, required, additionalProperties } = JSON.parse(JSON.stringify(configJsonSchema()));
  assert.is(additionalProperties, false);
  assert.equal(required, ['name', 'data', 'model', 'loss', 'optimizer', 'training']);
  // SGD is what a config without a type means.
  const requiredBy = properties.optimizer.oneOf.map(({ required }: { required: string[] }) => required);
  assert.equal(requiredBy[0], ['learningRate']);
  for (const keys of requiredBy.slice(1)) assert.equal(keys, ['type', 'learningRate']);
});

schema.run();
