import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConfig } from '#lockstep/config/load.js';

const file = 'configs/lenet5.json';
const load = (...overrides: string[]) => loadConfig(file, overrides);

const message = (...overrides: string[]): string => {
  try {
    load(...overrides);
  } catch (error) {
    return (error as Error).message;
  }
  return assert.unreachable('expected a fault') as never;
};

const test = suite('--set');

test('sets numbers, strings and whole objects; later changes win', () => {
  const config = load('seed=7', 'name=other', 'seed=8', 'data.features={"type":"colorHistogram","bins":8}');
  assert.is(config.seed, 8);
  assert.is(config.name, 'other');
  assert.equal(config.data.features, { type: 'colorHistogram', width: 64, height: 64, bins: 8 });
});

test('a value may contain an equals sign, and a number in JSON quotes stays a string', () => {
  assert.is(load('data.dir=a=b').data.dir, 'a=b');
  assert.is(load('name="2024"').name, '2024');
});

test('reaches into lists by index, in both spellings, and appends', () => {
  const { layers } = load(
    'model.layers.0.outChannels=8',
    'model.layers[3].stride=[2,1]',
    'model.layers.12={"type":"tanh"}',
  ).model;
  const rest = { padding: 0, dilation: 1, groups: 1, bias: true };
  assert.equal(layers[0], { type: 'conv2d', outChannels: 8, kernelSize: 5, stride: 1, ...rest });
  assert.equal(layers[3], { type: 'conv2d', outChannels: 16, kernelSize: 5, stride: [2, 1], ...rest });
  assert.equal(layers[12], { type: 'tanh' });
});

test('creates objects that the file leaves out', () => {
  const [conv] = load('model.layers.0.weightInit.type=zeros').model.layers;
  assert.equal(conv?.type === 'conv2d' && conv.weightInit, { type: 'zeros' });
});

test('a path that the schema does not have is an unknown key, with its origin', () => {
  assert.is(
    message('optimizer.lerningRate=1'),
    `${file} has 1 fault:\n  optimizer.lerningRate: unknown key; did you mean "learningRate"? (from --set optimizer.lerningRate=1)`,
  );
});

test('faults of the file and of --set are reported together, and only those of --set are marked', () => {
  const lines = message(
    'training.epochs=0',
    'foo',
    'seed.x=1',
    'model.layers.99.type=relu',
    'optimizer.type=adagrad',
  ).split('\n  ');
  assert.is(lines[0], `${file} has 5 faults:`);
  assert.ok(lines.includes('--set: expected key.path=value, as in training.epochs=3 (from --set foo)'));
  assert.ok(lines.includes('seed.x: seed is 1, which has no keys (from --set seed.x=1)'));
  assert.ok(
    lines.includes(
      'model.layers[99].type: model.layers is a list of 12; expected an index from 0 to 12 (which appends) ' +
        '(from --set model.layers.99.type=relu)',
    ),
  );
  const types = 'allowed: "sgd", "sgdw", "adam", "adamw", "rmsprop", "lion"';
  assert.ok(
    lines.includes(`optimizer.type: found "adagrad"; ${types} (from --set optimizer.type=adagrad)`),
    lines.join('\n'),
  );
});

test('a fault that --set did not make is not marked', () => {
  const unmarked = message('model.layers.0.type=relu').split('\n  ');
  assert.ok(
    unmarked.includes(
      'model.layers[0].outChannels: a key of "conv2d", not of "relu"; allowed: type, name, inputs',
    ),
  );
});

test('for a number that is not JSON, the error says how to write it', () => {
  assert.is(
    message('optimizer.learningRate=.5'),
    `${file} has 1 fault:\n  optimizer.learningRate: found ".5"; expected a number above 0; write 0.5, without quotes (from --set optimizer.learningRate=.5)`,
  );
  assert.match(message('seed=0x10'), 'seed: found "0x10"; expected an integer');
  assert.match(message('seed=0x10'), '; write 16, without quotes');
  assert.match(
    message('loss.classWeights=[.5,1]'),
    '(from --set loss.classWeights=[.5,1], which is not JSON: found .5; JSON writes this number 0.5)',
  );
});

test('a number that breaks two rules is one fault', () => {
  for (const seed of ['1e20', '-1e20', '1e999', '4294967296', '0.5', '-0.5'])
    assert.match(message(`seed=${seed}`), new RegExp(`^${file} has 1 fault:`));
});

test('a fault from another option names that option', () => {
  try {
    loadConfig(file, [{ from: '--seed -1', key: 'seed', value: -1 }]);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, 'seed: found -1; expected an integer of 0 or more');
    assert.match((error as Error).message, /\(from --seed -1\)$/);
  }
});

test('`__proto__` is an ordinary, unknown key', () => {
  assert.match(message('__proto__.polluted=1'), /__proto__: unknown key/);
  assert.is(({} as Record<string, unknown>)['polluted'], undefined);
});

test.run();
