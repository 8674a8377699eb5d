import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { commandSuite, lockstep, readJson, tinyConfig, trainWell } from '../support/command-helpers.js';

/** `lockstep lr-find`: a learning-rate range test. */

const test = commandSuite('lr-find');

test('the rate rises exponentially until the loss diverges; a tenth of that with the smallest loss is proposed', async (context) => {
  const folder = context.folder();
  const ended = await lockstep(
    folder,
    'lr-find',
    '--config',
    'config.json',
    '--out',
    'found',
    '--to',
    '1000',
  );
  assert.is(ended.code, 0, ended.stderr);
  const { tested, diverged, proposed, from, to, steps } = readJson(folder, 'found/lr-find.json');
  assert.equal([from, to, steps, diverged], [1e-6, 1000, 200, true]);
  assert.ok(tested.length > 50 && tested.length < 200, `${tested.length}`);
  for (const [i, { rate }] of tested.entries()) {
    const expected = 1e-6 * 1e9 ** (i / 199);
    assert.ok(Math.abs(rate / expected - 1) < 1e-9, `${i}: ${rate}`);
  }
  // The exponential average as Adam's moments have it (Kingma and Ba 2015), written out as a sum.
  const smoothed = tested.map((_: unknown, i: number) => {
    let [sum, weights] = [0, 0];
    for (let k = 0; k <= i; k++) {
      sum += 0.9 ** (i - k) * tested[k].loss;
      weights += 0.9 ** (i - k);
    }
    return sum / weights;
  });
  for (const [i, value] of smoothed.entries())
    assert.ok(Math.abs(tested[i].smoothed / value - 1) < 1e-9, `${i}`);
  const smallest = tested[smoothed.indexOf(Math.min(...smoothed))].rate;
  assert.is(proposed, Number((smallest / 10).toPrecision(2)));
  assert.match(
    ended.stdout,
    `optimizer.learningRate=${proposed}, a tenth of the rate with the smallest loss`,
  );
  assert.equal(readdirSync(join(folder, 'found')).toSorted(), ['lr-find.json', 'lr-find.png', 'lr-find.svg']);
  const { width, height } = await sharp(join(folder, 'found/lr-find.png')).metadata();
  assert.equal([width, height], [1280, 880]);
});

test('the loss of a step is that of the weights after the rates before it', async (context) => {
  const config = { ...tinyConfig(context.dataset), training: { batchSize: 24, epochs: 3 } };
  const folder = context.folder({ ...config, optimizer: { type: 'adam', learningRate: 0.1 } });
  // A step is an epoch.
  const range = ['--from', '0.001', '--to', '0.1', '--steps', '3', '--threads', '1'];
  const ended = await lockstep(folder, 'lr-find', '--config', 'config.json', '--json', ...range);
  assert.is(ended.code, 0, ended.stderr);
  const { tested } = JSON.parse(ended.stdout);
  await trainWell(folder, '--out', 'run', '--epochs', '1', '--set', 'optimizer.learningRate=0.001');
  const { final } = readJson(folder, 'run/summary.json');
  // The second step's is that of all samples after a step with 0.001.
  assert.ok(Math.abs(tested[1].loss - final.train.loss) < 1e-6, `${tested[1].loss}, ${final.train.loss}`);
  assert.is(tested.length, 3);
});

test('a range that is none is refused', async (context) => {
  const folder = context.folder();
  const ended = await lockstep(folder, 'lr-find', '--config', 'config.json', '--from', '1', '--to', '0.1');
  assert.is(ended.code, 2);
  assert.match(ended.stderr, '--from is 1 and --to is 0.1; --to needs to be the larger one');
});

test.run();
