import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readSealed, writeSealed } from '#lockstep/tensors/sealed.js';
import { commandSuite, lockstep, readJson, trainWell } from '../support/command-helpers.js';

/** `lockstep verify` and `lockstep diff`. */

const test = commandSuite('verify and diff');

let folder: string;
test.before(async (context) => {
  folder = context.folder();
  await trainWell(folder, '--out', 'run', '--threads', '1');
  await trainWell(folder, '--out', 'same', '--threads', '3');
  await trainWell(folder, '--out', 'other', '--seed', '9', '--batch-size', '6');
});

/** Runs the command with --json; what it printed, and its exit code. */
async function ask(...args: readonly string[]) {
  const { code, stdout, stderr } = await lockstep(folder, ...args, '--json');
  assert.ok(code === 0 || code === 6, `exit code ${code}\n${stderr}`);
  return { code, said: JSON.parse(stdout) };
}

test('a repeated run has the same bits, at another number of threads', async () => {
  const { code, said } = await ask('verify', 'run', '--threads', '2');
  assert.is(code, 0);
  assert.is(said.agrees, true);
  assert.is(said.epochs, 3);
  assert.is(said.weightsSha256, readJson(folder, 'run/summary.json').weightsSha256);
});

test('the first epochs alone', async () => {
  const { code, said } = await ask('verify', 'run', '--epochs', '1');
  assert.is(code, 0);
  assert.is(said.epochs, 1);
  const { code: refused, stderr } = await lockstep(folder, 'verify', 'run', '--epochs', '4');
  assert.is(refused, 2);
  assert.match(stderr, '--epochs is 4, but run has done 3');
});

test('the first step that differs, and the first tensor', async () => {
  cpSync(join(folder, 'run'), join(folder, 'changed'), { recursive: true });
  // Steps of 7 samples, 4 an epoch: the sixth loss is that of epoch 2, step 2.
  const path = join(folder, 'changed/step-losses.f64');
  const losses = readFileSync(path);
  assert.is(losses.length, 3 * 4 * 8);
  losses.writeDoubleLE(losses.readDoubleLE(5 * 8) + 1e-12, 5 * 8);
  writeFileSync(path, losses);
  const model = join(folder, 'changed/model.safetensors');
  const { tensors, metadata } = readSealed(model);
  (tensors.get('fc1.bias')!.data as Float32Array)[2]! += 0.25;
  writeSealed(model, tensors, metadata);
  const { code, said } = await ask('verify', 'changed');
  assert.is(code, 6);
  assert.is(said.agrees, false);
  const { epoch, step, what, weights } = said.difference;
  assert.equal({ epoch, step, what }, { epoch: 2, step: 2, what: 'training loss' });
  assert.is(weights.file, 'model.safetensors');
  assert.is(weights.epoch, 3);
  const [tensor] = weights.tensors;
  assert.is(tensor.name, 'fc1.bias');
  assert.is(tensor.differing, 1);
  assert.ok(Math.abs(tensor.largest - 0.25) < 1e-6);
});

test('a run whose losses are not all there is not said to agree', async () => {
  cpSync(join(folder, 'run'), join(folder, 'cut'), { recursive: true });
  const path = join(folder, 'cut/step-losses.f64');
  writeFileSync(path, readFileSync(path).subarray(0, 4 * 8));
  const { code, stderr } = await lockstep(folder, 'verify', 'cut');
  assert.is(code, 3);
  assert.match(stderr, 'holds the losses of 4 steps');
  assert.is((await ask('verify', 'cut', '--epochs', '1')).code, 0);
});

test('another validation, and weights that are not those of the losses', async () => {
  cpSync(join(folder, 'run'), join(folder, 'validated'), { recursive: true });
  const path = join(folder, 'validated/metrics.jsonl');
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const second = JSON.parse(lines[1]!);
  second.validation.loss += 1e-9;
  lines[1] = JSON.stringify(second);
  writeFileSync(path, `${lines.join('\n')}\n`);
  const { code, said } = await ask('verify', 'validated');
  assert.is(code, 6);
  assert.is(said.difference.epoch, 2);
  assert.is(said.difference.what, 'metrics');
});

test('a summary that says something else of the last weights', async () => {
  cpSync(join(folder, 'run'), join(folder, 'summarized'), { recursive: true });
  const path = join(folder, 'summarized/summary.json');
  const summary = readJson(path);
  const { test: split } = summary.final;
  for (const changed of [
    { weightsSha256: 'ff' },
    { final: { ...summary.final, test: { ...split, top1: 0.9 } } },
  ]) {
    writeFileSync(path, JSON.stringify({ ...summary, ...changed }));
    const { code, said } = await ask('verify', 'summarized');
    assert.is(code, 6);
    assert.is(said.difference.what, 'summary');
    assert.is((await ask('verify', 'summarized', '--epochs', '2')).code, 0);
  }
});

test('weights that a stopped run kept', async () => {
  cpSync(join(folder, 'run'), join(folder, 'stopped'), { recursive: true });
  rmSync(join(folder, 'stopped/summary.json'));
  assert.is((await ask('verify', 'stopped')).code, 0);
  for (const [file, tensor] of [
    ['checkpoint.safetensors', 'velocity.fc1.bias'],
    ['best.safetensors', 'conv1.bias'],
  ] as const) {
    const path = join(folder, 'stopped', file);
    const { tensors, metadata } = readSealed(path);
    (tensors.get(tensor)!.data as Float32Array)[1]! += 0.5;
    writeSealed(path, tensors, metadata);
    const { code, said } = await ask('verify', 'stopped');
    assert.is(code, 6);
    assert.is(said.difference.what, 'weights');
    assert.is(said.difference.weights.file, file);
    assert.is(said.difference.weights.epoch, Number(metadata['epoch']));
    assert.equal(
      said.difference.weights.tensors.map(({ name }: { name: string }) => name),
      [tensor],
    );
    cpSync(join(folder, 'run', file), path);
  }
});

test('a file of the best weights that cannot be them', async () => {
  cpSync(join(folder, 'run'), join(folder, 'foreign'), { recursive: true });
  const path = join(folder, 'foreign/best.safetensors');
  const { tensors, metadata } = readSealed(path);
  const { best } = readJson(folder, 'run/summary.json');
  const { epoch: _, ...nameless } = metadata;
  const small = new Map([['x', { dtype: 'F32', shape: [1], data: new Float32Array(1) } as const]]);
  for (const [content, words, expected] of [
    [tensors, nameless, new RegExp(`epoch \\(none\\), expected ${best.epoch}, the best by summary.json`)],
    [tensors, { ...metadata, epoch: '7' }, /found weights of epoch 7/],
    [small, metadata, /x is not in this network/],
  ] as const) {
    writeSealed(path, content, words);
    const { code, stderr } = await lockstep(folder, 'verify', 'foreign');
    assert.ok(code === 2 || code === 3, `exit code ${code}`);
    assert.match(stderr, expected);
  }
});

test('a file that the run kept and that is not there', async () => {
  for (const file of ['best.safetensors', 'model.safetensors']) {
    rmSync(join(folder, 'incomplete'), { recursive: true, force: true });
    cpSync(join(folder, 'run'), join(folder, 'incomplete'), { recursive: true });
    rmSync(join(folder, 'incomplete', file));
    const { code, stderr } = await lockstep(folder, 'verify', 'incomplete');
    assert.is(code, 3);
    assert.match(stderr, `incomplete/${file}: is not there, but summary.json tells of it`);
  }
});

test('other data is said before anything is trained', async (context) => {
  cpSync(context.dataset, join(folder, 'moved'), { recursive: true });
  assert.is((await ask('verify', 'run', '--data', 'moved')).code, 0);
  const list = join(folder, 'moved/test.txt');
  writeFileSync(list, readFileSync(list, 'utf8').replace('6.png 0', '6.png 1'));
  const { code, stderr } = await lockstep(folder, 'verify', 'run', '--data', 'moved');
  assert.is(code, 3);
  assert.match(stderr, 'moved is not the dataset of run');
});

test('two runs of one config differ in circumstances alone', async () => {
  const { code, said } = await ask('diff', 'run', 'same');
  assert.is(code, 0);
  assert.is(said.sameWeights, true);
  assert.equal(said.config, []);
  assert.is(said.firstStep, undefined);
  const threads = said.circumstances.find(({ path }: { path: string }) => path === 'threads');
  assert.equal(threads, { path: 'threads', a: 1, b: 3 });
});

test('two runs of two configs: what differs in config and weights', async () => {
  const { code, said } = await ask('diff', 'run', 'other');
  assert.is(code, 6);
  assert.is(said.sameWeights, false);
  assert.equal(said.config, [
    { path: 'seed', a: 1, b: 9 },
    { path: 'training.batchSize', a: 7, b: 6 },
  ]);
  assert.equal(said.firstStep, { epoch: 1, step: 1 });
  const model = said.weights.find(({ file }: { file: string }) => file === 'model.safetensors');
  assert.equal(
    model.tensors.map(({ name }: { name: string }) => name),
    ['conv1.weight', 'conv1.bias', 'fc1.weight', 'fc1.bias'],
  );
  const { stdout } = await lockstep(folder, 'diff', 'run', 'other');
  assert.match(stdout, /training\.batchSize +7 +6/);
  assert.match(stdout, 'The weights differ.');
});

test('what is no run is refused', async () => {
  for (const args of [
    ['verify', 'none'],
    ['diff', 'run', 'none'],
    ['diff', 'run'],
  ]) {
    const { code, stderr } = await lockstep(folder, ...args);
    assert.is(code, 2);
    assert.match(stderr, 'error: ');
    assert.not.match(stderr, /^\s+at /m);
  }
});

test.run();
