import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { commandSuite, lockstep, readJson } from '../support/command-helpers.js';

/** `lockstep profile` as a user runs it. */

const test = commandSuite('the profile command');

const profile = (folder: string, ...args: readonly string[]) =>
  lockstep(folder, 'profile', '--config', 'config.json', ...args);

test('prints tables and leaves a trace, and nothing else', async (context) => {
  const folder = context.folder();
  const { code, stdout, stderr } = await profile(folder, '--threads', '2', '--steps', '2', '--kernels');
  assert.is(code, 0, stderr);
  for (const words of [
    'tiny: 2 steps of 7 samples on 2 threads',
    '0 conv1 + relu + maxPool',
    'winogradSums',
    '100.0%',
  ]) {
    assert.match(stdout, words);
  }
  assert.match(stdout, /images\/s.*while recorded/);
  assert.ok(readJson(folder, 'trace.json').traceEvents.length > 0);
  assert.equal(
    readdirSync(folder).filter((name) => !['config.json', 'data'].includes(name)),
    ['trace.json'],
  );
});

test('--json prints JSON alone; --trace names the file; more steps than an epoch has are an epoch', async (context) => {
  const folder = context.folder();
  const { code, stdout } = await profile(folder, '--json', '--trace', 'my.json', '--batch-size', '8');
  assert.is(code, 0);
  const found = JSON.parse(stdout);
  assert.equal([found.name, found.batchSize, found.steps, found.trace], ['tiny', 8, 3, 'my.json']);
  assert.ok(found.peak.gflops > 0 && found.imagesPerSecond.untraced > 0);
  assert.is(found.rows[0].name, '0 conv1 + relu + maxPool');
  assert.ok(readJson(join(folder, 'my.json')).traceEvents.length > 0);
});

test('a wrong --steps, --threads or config: exit code 2, and nothing is written', async (context) => {
  const folder = context.folder();
  const wrong = {
    '--steps is 0': ['--steps', '0'],
    '--steps is "many", but needs a number': ['--steps', 'many'],
    '--threads is 0.5': ['--threads', '0.5'],
    'model.layers[0].stride': ['--set', 'model.layers.0.stride=0'],
  };
  for (const [says, args] of Object.entries(wrong)) {
    const { code, stderr } = await profile(folder, ...args);
    assert.is(code, 2, says);
    assert.match(stderr, says);
  }
  assert.equal(readdirSync(folder), ['config.json']);
});

test('a training that diverges: exit code 4', async (context) => {
  const { code, stderr } = await profile(context.folder(), '--set', 'optimizer.learningRate=1e30');
  assert.is(code, 4);
  assert.match(stderr, 'diverged');
});

test.run();
