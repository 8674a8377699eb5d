import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConfig, parseConfig } from '#lockstep/config/load.js';
import { ExitCode, UserError } from '#lockstep/errors.js';

/** A config without faults, into which a test puts some. */
const valid = () => ({
  name: 'tiny',
  data: { dir: 'data/shapes', features: { type: 'pixels', width: 8, height: 8 } },
  model: {
    layers: [
      { type: 'conv2d', outChannels: 4, kernelSize: 3 },
      { type: 'relu' },
      { type: 'maxPool', window: 2 },
      { type: 'dense', outFeatures: 50 },
    ],
  },
  loss: { type: 'crossEntropy' },
  optimizer: { type: 'sgd', learningRate: 0.1 },
  training: { batchSize: 8, epochs: 1 },
});

const usageError = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    assert.instance(error, UserError);
    assert.is((error as UserError).exitCode, ExitCode.usage);
    return (error as UserError).message;
  }
  return assert.unreachable('expected a UserError') as never;
};

/** The faults' lines, of a valid config changed by `--set`s, without the word about the origin. */
const faults = (...overrides: string[]): string[] =>
  usageError(() => parseConfig(valid(), 'x.json', overrides))
    .split('\n  ')
    .slice(1)
    .map((line) => line.replace(/ \(from --set .*\)$/, ''));

const test = suite('faults of a config');

test('a valid config has no faults', () => {
  assert.is(parseConfig(valid()).seed, 1);
});

const cases: [what: string, override: string, line: string][] = [
  [
    'a misspelt key',
    'optimizer.learningrate=1',
    'optimizer.learningrate: unknown key; did you mean "learningRate"?',
  ],
  [
    'a snake_case key',
    'optimizer.weight_decay=1',
    'optimizer.weight_decay: unknown key; did you mean "weightDecay"?',
  ],
  [
    'an unknown key like no other',
    'training.warmup=1',
    'training.warmup: unknown key; allowed: batchSize, epochs, init, freeze, sampler, augmentation, bestBy, earlyStopping',
  ],
  [
    'a misspelt enum value',
    'loss.reduction=men',
    'loss.reduction: found "men"; allowed: "mean", "sum"; did you mean "mean"?',
  ],
  [
    'a value below its range',
    'training.epochs=0',
    'training.epochs: found 0; expected an integer of 1 or more, at most 1000000',
  ],
  [
    'a value above its range',
    'optimizer.momentum=1',
    'optimizer.momentum: found 1; expected a number of 0 or more, below 1',
  ],
  [
    'a value of the wrong type',
    'training.sampler="yes"',
    'training.sampler: found "yes"; allowed: "shuffled", "sequential", "balanced"',
  ],
  [
    'a fraction for an integer',
    'seed=1.5',
    'seed: found 1.5; expected an integer of 0 or more, at most 4294967295',
  ],
  [
    'a number that is no allowed one',
    'data.features={"type":"colorHistogram","bins":10}',
    'data.features.bins: found 10; allowed: 2, 4, 8, 16, 32, 64, 128, 256',
  ],
  [
    'a pair of the wrong form, with the index of its layer',
    'model.layers.2.window=[1,2,3]',
    'model.layers[2].window: found [1,2,3]; expected an integer of 1 or more, at most 4096, or two of them as [height, width]',
  ],
  [
    'one half of a pair',
    'model.layers.0.kernelSize=[3,0]',
    'model.layers[0].kernelSize[1]: found 0; expected an integer of 1 or more, at most 4096',
  ],
  [
    'a padding of another word',
    'model.layers.0.padding="valid"',
    'model.layers[0].padding: found "valid"; expected an integer of 0 or more, at most 4096, or two of them as [height, width], or "same"',
  ],
  [
    'a stride where the size is to be kept',
    'model.layers.0={"type":"conv2d","outChannels":6,"kernelSize":3,"stride":[1,2],"padding":"same"}',
    'model.layers[0].padding: found "same"; it keeps the size at stride 1 alone; give a number or [height, width]',
  ],
  [
    'groups that do not divide the outputs',
    'model.layers.0={"type":"conv2d","outChannels":6,"kernelSize":3,"groups":4}',
    'model.layers[0].groups: found 4; expected a divisor of outChannels, 6',
  ],
  [
    'an initializer of a bias that is not there',
    'model.layers.0={"type":"conv2d","outChannels":6,"kernelSize":3,"bias":false,"biasInit":{"type":"zeros"}}',
    'model.layers[0].biasInit: found {"type":"zeros"}; there is no bias to initialize, since bias is false; leave one of them out',
  ],
  [
    "an initializer of a dense layer's bias that is not there",
    'model.layers.0={"type":"dense","outFeatures":6,"bias":false,"biasInit":{"type":"zeros"}}',
    'model.layers[0].biasInit: found {"type":"zeros"}; there is no bias to initialize, since bias is false; leave one of them out',
  ],
  [
    "a pool's padding of more than half the window",
    'model.layers.2.padding=2',
    'model.layers[2].padding: found 2; expected at most half the window, [1, 1]',
  ],
  [
    'a missing key',
    'data.features={"type":"pixels","width":8}',
    'data.features.height: missing; expected an integer of 1 or more, at most 4096',
  ],
  [
    'a key of another layer, in a block of a block',
    'model.layers.1={"type":"residual","body":[{"type":"residual","body":[{"type":"relu","rate":1}]}]}',
    'model.layers[1].body[0].body[0].rate: a key of "dropout", not of "relu"; allowed: type, name, inputs',
  ],
  [
    'a value in the shortcut of a block',
    'model.layers.1={"type":"residual","body":[{"type":"relu"}],"shortcut":[{"type":"conv2d","outChannels":0,"kernelSize":1}]}',
    'model.layers[1].shortcut[0].outChannels: found 0; expected an integer of 1 or more, at most 1000000',
  ],
  [
    'a block without layers',
    'model.layers.1={"type":"residual","body":[]}',
    'model.layers[1].body: found []; expected a list of 1 to 1000',
  ],
  [
    'a range that is one number',
    'training.augmentation.zoom={"scale":3}',
    'training.augmentation.zoom.scale: found 3; expected a list of 2',
  ],
  [
    'a reflected border beside what resamples',
    'training.augmentation={"crop":{"padding":2,"border":"reflect"},"rotation":{"degrees":9}}',
    'training.augmentation.crop.border: found "reflect"; it goes with flips, not with rotation, which sees one colour beyond the image',
  ],
  ['a colour of two values', 'data.background=[0,0]', 'data.background: found [0,0]; expected a list of 3'],
  ['no layers', 'model.layers=[]', 'model.layers: found []; expected a list of 1 to 1000'],
  [
    'a name that cannot be a folder',
    'name=../x',
    'name: found "../x"; must be 1 to 64 letters, digits, dots, dashes or underscores',
  ],
  [
    'nesterov without momentum',
    'optimizer.nesterov=true',
    'optimizer.nesterov: found true; nesterov needs a momentum above 0',
  ],
  [
    "another optimizer's option",
    'optimizer={"type":"adam","learningRate":0.1,"momentum":0.9}',
    'optimizer.momentum: a key of "sgd", "sgdw", "rmsprop", not of "adam"; allowed: type, learningRate, beta1, beta2, epsilon, weightDecay, gradientClipping, decayBiasesAndNorms, layerFactors, lookahead, weightAverage, schedule',
  ],
  [
    'an option of other optimizers, where there is no type',
    'optimizer={"learningRate":0.1,"beta1":0.9}',
    'optimizer.beta1: a key of "adam", "adamw", "lion", not of "sgd"; allowed: type, learningRate, momentum, nesterov, weightDecay, gradientClipping, decayBiasesAndNorms, layerFactors, lookahead, weightAverage, schedule',
  ],
  [
    'an optimizer that is misspelt',
    'optimizer.type=adam_w',
    'optimizer.type: found "adam_w"; allowed: "sgd", "sgdw", "adam", "adamw", "rmsprop", "lion"; did you mean "adamw"?',
  ],
  [
    'an initializer of the model',
    'model.weightInit.type=heNorma',
    'model.weightInit.type: found "heNorma"; allowed: "zeros", "uniform", "normal", "truncatedNormal", "constant", "xavierUniform", "xavierNormal", ' +
      '"heUniform", "heNormal", "lecunUniform", "lecunNormal", "channelNormal", "inputUniform", "orthogonal"; did you mean "heNormal"?',
  ],
  [
    'a range upside down',
    'model.biasInit={"type":"uniform","low":1,"high":0}',
    'model.biasInit.low: found 1; low must not exceed high',
  ],
  [
    'a key of the prototype',
    '__proto__.x=1',
    '__proto__: unknown key; allowed: $schema, name, seed, data, model, loss, optimizer, training',
  ],
];
for (const [what, override, line] of cases) {
  test(`${what}: path, what was found, what is allowed`, () => assert.equal(faults(override), [line]));
}

test('an unknown layer type lists the types and names the nearest', () => {
  const types =
    '"conv2d", "dense", "maxPool", "averagePool", "globalAveragePool", "zeroPad", "flatten", "sigmoid", "silu", "relu", "tanh", "gelu", "hardSwish", "relu6", "leakyRelu", "elu", "prelu", "dropout", "batchNorm", "groupNorm", "layerNorm", "concat", "add", "custom", "residual"';
  assert.equal(faults('model.layers.1.type=maxpol'), [
    `model.layers[1].type: found "maxpol"; allowed: ${types}; did you mean "maxPool"?`,
  ]);
  assert.equal(faults('model.layers.1={}'), [`model.layers[1].type: missing; allowed: ${types}`]);
});

test('all faults come at once, a line each, under a heading that names the file', () => {
  const config = {
    ...valid(),
    seed: -1,
    model: { layers: [{ type: 'dropout', rate: 2 }, { type: 'rellu' }] },
  };
  const [heading, ...lines] = usageError(() => parseConfig(config, 'configs/x.json')).split('\n  ');
  assert.is(heading, 'configs/x.json has 3 faults:');
  assert.equal(
    lines.map((line) => line.split(':')[0]),
    ['seed', 'model.layers[0].rate', 'model.layers[1].type'],
  );
});

test('a required key that is misspelt is one fault', () => {
  const config = { ...valid(), optimizer: { type: 'sgd', learningrate: 0.1 } };
  assert.is(
    usageError(() => parseConfig(config, 'x.json')),
    'x.json has 1 fault:\n  optimizer.learningrate: unknown key; did you mean "learningRate"?',
  );
});

test('a config that is not an object is reported as such', () => {
  assert.is(
    usageError(() => parseConfig(3, 'x.json')),
    'x.json has 1 fault:\n  the whole file: found 3; expected an object',
  );
});

test('JSON faults name file, line and column', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-config-'));
  const file = join(folder, 'c.json');
  const message = (text: string) => {
    writeFileSync(file, text);
    return usageError(() => loadConfig(file)).replace(folder, '');
  };
  try {
    assert.match(
      message('{\n  "a": 1,\n}'),
      /c\.json:3:1: not JSON: found }; JSON allows no comma after the last entry$/,
    );
    assert.match(
      message('{"a": 1 // one\n}'),
      /c\.json:1:9: not JSON: found a comment, which JSON does not have;/,
    );
    assert.match(message('{"a": 1,\n "a": 2}'), /c\.json:2:2: not JSON: found "a"; this key stands twice/);
    assert.match(message("{'a': 1}"), /c\.json:1:2: not JSON: found '; expected a key in double quotes$/);
    assert.match(message('[1, 2'), /c\.json:1:6: not JSON: found the end of the file; expected "," or "\]"$/);
    for (const [text, written] of Object.entries({
      '01': '1',
      '.5': '0.5',
      '-.5': '-0.5',
      '5.': '5',
      '+3': '3',
      '0x10': '16',
    }))
      assert.is(
        message(`[${text}]`),
        `/c.json:1:2: not JSON: found ${text}; JSON writes this number ${written}`,
      );
    for (const text of ['NaN', '1_000', '-'])
      assert.is(message(`[${text}]`), `/c.json:1:2: not JSON: found ${text}; expected a value`);
    assert.match(message('['.repeat(100_000)), /c\.json:1:102: not JSON: .*nested more than 100 deep$/);
    assert.match(message(''), /c\.json:1:1: not JSON: found the end of the file; expected a value$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a missing file and a folder are named', () => {
  assert.is(
    usageError(() => loadConfig('no/such.json')),
    'no/such.json: the config cannot be read: there is no such file',
  );
  assert.match(
    usageError(() => loadConfig('configs')),
    /^configs: the config cannot be read: it is no file but a folder/,
  );
});

test('too deep nesting is a fault, in a value or a --set', () => {
  let deep: unknown = [];
  for (let i = 0; i < 1000; i++) deep = [deep];
  assert.is(
    usageError(() => parseConfig({ ...valid(), seed: deep }, 'x.json')),
    'x.json has 1 fault:\n  the whole file: nested too deeply',
  );
  const itself: Record<string, unknown> = valid();
  itself['seed'] = itself;
  assert.match(
    usageError(() => parseConfig(itself)),
    'nested too deeply',
  );
  assert.match(
    faults(`seed=${'['.repeat(50_000)}${']'.repeat(50_000)}`)[0]!,
    /^seed: found "\[\[\[.*\.\.\."; expected|^seed: found/,
  );
  assert.match(faults(`${'a.'.repeat(20_000)}b=1`)[0]!, /expected key\.path=value/);
});

test('only the first of many faults are listed, and a long key is cut', () => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key ${i}`, 1]));
  const lines = usageError(() => parseConfig({ ...valid(), ...many })).split('\n');
  assert.is(lines.length, 52);
  assert.is(lines[0], 'the config has 1000 faults:');
  assert.is(lines[51], 'and 950 more');
  assert.ok(faults(`${'k'.repeat(100_000)}=1`)[0]!.length < 700);
});

test('a path with a NUL, which no system takes, is a fault', () => {
  assert.equal(faults('data.cache="a\\u0000b"'), [
    'data.cache: found "a\\u0000b"; must not hold a NUL character',
  ]);
});

test.run();
