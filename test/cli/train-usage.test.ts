import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { commandSuite, tinyConfig, train, trainBadly } from '../support/command-helpers.js';

const test = commandSuite('a wrong command line or config');
const config = ['--config', 'config.json'];

/** What was found wrong; nothing was written. */
const cases: Record<string, { args: readonly string[]; says: readonly (string | RegExp)[] }> = {
  'an unknown option': { args: [...config, '--treads', '2'], says: ['treads', '--help'] },
  'a stray word': { args: [...config, 'model.json'], says: ['model.json'] },
  'no --config': { args: [], says: ['config', '--help'] },
  '--threads 0': { args: [...config, '--threads', '0'], says: ['--threads is 0', 'from 1 to 512'] },
  '--threads abc': {
    args: [...config, '--threads', 'abc'],
    says: ['--threads is "abc", but needs a number'],
  },
  '--memory lots': { args: [...config, '--memory', 'lots'], says: ['--memory is lots', '512MB or 1.5GB'] },
  'too little --memory': {
    args: [...config, '--memory', '20MB'],
    says: [/this run needs (\d+) MiB of memory, and --memory allows 20 MiB; give it --memory \1MB/],
  },
  'a weight too few': {
    args: [...config, '--set', 'loss.classWeights=[1,2,3]'],
    says: ['loss.classWeights has 3 weights', '6 classes'],
  },
  'a strength without bounds': {
    args: [...config, '--set', 'training.augmentation={"brightness":{"strength":3},"flipp":{}}'],
    says: ['augmentation.brightness.strength: found 3; expected', 'did you mean "flip"?'],
  },
  '--epochs abc': { args: [...config, '--epochs', 'abc'], says: ['--epochs is "abc", but needs a number'] },
  'two seeds': { args: [...config, '--seed', '1', '--seed', '2'], says: ['--seed is given 2 times'] },
  'an empty --out': { args: [...config, '--out='], says: ['--out is empty, but needs a value'] },
  "an option of yargs' own": {
    args: ['--set', '--get-yargs-completions', '--constructor', ''],
    says: ['Unknown argument: get-yargs-completions'],
  },
  'an option with a value, negated': { args: [...config, '--no-out'], says: ['there is no --no-out'] },
  'a seed out of range': {
    args: [...config, '--seed', '1e20'],
    says: ['config.json has 1 fault:\n  seed: found 100000000000000000000; expected', '(from --seed 1'],
  },
  '--epochs 1.5': {
    args: [...config, '--epochs', '1.5'],
    says: ['training.epochs: found 1.5; expected an integer', '(from --epochs 1.5)'],
  },
  '--threads 10000': {
    args: [...config, '--threads', '10000'],
    says: ['--threads is 10000', 'from 1 to 512'],
  },
  "a config's key as an option": {
    args: [...config, '--data.dir', 'x'],
    says: ['Unknown argument: data.dir', '--help'],
  },
  'a layer that no memory has room for': {
    args: [...config, '--set', 'model.layers.0.outChannels=1000000', '--set', 'model.layers.0.padding=99'],
    says: [
      'layer conv1 (model.layers[0]) has 44,944,000,000 values of a sample, expected at most 134,217,728',
    ],
  },
  'more weights than any memory has room for': {
    args: [...config, '--set', 'model.layers.4.outFeatures=1000000'],
    says: ['layer fc1 (model.layers[4]) has 196,000,000 weights, expected at most 134,217,728'],
  },
  'a config that is not there': { args: ['--config', 'none.json'], says: ['none.json', 'no such file'] },
  'JSON that is broken': {
    args: ['--config', 'broken.json'],
    says: ['broken.json:2:13: not JSON: found ,;'],
  },
  'several faults in the config': {
    args: [
      ...config,
      ...['--set', 'optimizer.learningRat=1', '--set', 'model.layers.0.stride=0', '--set', 'loss.type=mse'],
      ...['--epochs', '0'],
    ],
    says: [
      'config.json has 4 faults:',
      'optimizer.learningRat: unknown key; did you mean "learningRate"?',
      'model.layers[0].stride: found 0; expected',
      'loss.type: found "mse"',
      'training.epochs: found 0; expected',
    ],
  },
  'a window larger than its input': {
    args: [...config, '--set', 'model.layers.0.kernelSize=[3,17]'],
    says: ['layer conv1 (model.layers[0])', '3 x 16 x 16', '3 x 17', 'needs at least that height and width'],
  },
  'a dense layer without flatten': {
    args: [...config, '--set', 'model.layers.3.type=tanh'],
    says: ['layer fc1', '4 x 7 x 7', 'needs a flat input', '196'],
  },
  'a last layer that is not flat': {
    args: [...config, '--set', 'model.layers=[{"type":"conv2d","outChannels":6,"kernelSize":3}]'],
    says: ['the last layer gives 6 x 14 x 14'],
  },
  'a last layer with other outputs than classes': {
    args: [...config, '--set', 'model.layers.4.outFeatures=7'],
    says: ['gives 7', 'model.layers[4].outFeatures', '6 classes', '--set model.layers.4.outFeatures=classes'],
  },
  'too few outputs for a dataset that is yet to be drawn': {
    args: [...config, '--set', 'data.generate={}', '--set', 'data.dir=drawn'],
    says: ['gives 6', '50 classes'],
  },
};

for (const [name, { args, says }] of Object.entries(cases)) {
  test(`${name}: exit code 2, and nothing is written`, async (context) => {
    const folder = context.folder();
    writeFileSync(join(folder, 'broken.json'), '{ "name": "a",\n  "seed": 1,, }');
    const message = await trainBadly(folder, 2, ...args);
    for (const words of says) assert.match(message, words);
    assert.equal(readdirSync(folder).sort(), ['broken.json', 'config.json']);
  });
}

test('--out of a folder with files: exit code 2, and nothing is written', async (context) => {
  const folder = context.folder();
  mkdirSync(join(folder, 'mine'));
  writeFileSync(join(folder, 'mine/notes.txt'), 'mine');
  const message = await trainBadly(folder, 2, ...config, '--out', 'mine');
  assert.match(message, 'mine is not empty');
  assert.equal(readdirSync(folder).sort(), ['config.json', 'mine']);
  assert.equal(readdirSync(join(folder, 'mine')), ['notes.txt']);
});

test('--out below a file: exit code 5, before training', async (context) => {
  // A rate that diverges at once: training would end with exit code 4.
  const folder = context.folder(tinyConfig(context.dataset));
  const message = await trainBadly(
    folder,
    5,
    ...[...config, '--out', 'config.json/run', '--set', 'optimizer.learningRate=1e30'],
  );
  assert.match(message, 'config.json/run cannot be written');
});

test('without a terminal the error is a JSON line, and on stderr for people, with --quiet there alone', async (context) => {
  const folder = context.folder();
  const [loud, quiet] = await Promise.all([
    train(folder, '--config', 'none.json'),
    train(folder, '--config', 'none.json', '--quiet'),
  ]);
  assert.is(loud.code, 2);
  const { event, level, msg } = JSON.parse(loud.stdout);
  assert.equal({ event, level }, { event: 'error', level: 50 });
  assert.match(msg, 'none.json');
  assert.is(quiet.code, 2);
  assert.is(quiet.stdout, '');
  for (const { stderr } of [loud, quiet]) assert.is(stderr, `error: ${msg}\n`);
});

test.run();
