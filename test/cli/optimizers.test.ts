import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as assert from 'uvu/assert';
import { readSealed, writeSealed } from '#lockstep/tensors/sealed.js';
import {
  commandSuite,
  lockstep,
  readJson,
  readTensors,
  tinyConfig,
  trainBadly,
  trainWell,
} from '../support/command-helpers.js';

/** What an optimizer keeps, through every command that reads or writes it. */

const test = commandSuite('optimizers on the command line');

const parameters = ['conv1.weight', 'conv1.bias', 'fc1.weight', 'fc1.bias'];

let folder: string;
test.before(async (context) => {
  folder = context.folder({
    ...tinyConfig(context.dataset),
    optimizer: { type: 'adam', learningRate: 0.01 },
  });
  await trainWell(folder, '--out', 'run', '--threads', '1', '--tensorboard');
});

const hashOf = (run: string) => readJson(folder, run, 'summary.json').weightsSha256;

/** The run of that name, a copy of the first one. */
function copyOfRun(name: string): string {
  cpSync(join(folder, 'run'), join(folder, name), { recursive: true });
  return join(folder, name);
}

function changeOptimizer(run: string, optimizer: object): void {
  const path = join(run, 'config.json');
  writeFileSync(path, JSON.stringify({ ...readJson(path), optimizer }));
}

test('a checkpoint holds each slot of each parameter', () => {
  const { tensors } = readTensors(join(folder, 'run/checkpoint.safetensors'));
  const names = parameters.flatMap((name) => [name, `firstMoment.${name}`, `secondMoment.${name}`]);
  assert.equal(Object.keys(tensors).sort(), names.sort());
  assert.ok(tensors['secondMoment.fc1.weight']!.values.some((value) => value > 0));
});

test('a run that goes on has the bits of one in a piece, and diff says so', async () => {
  await trainWell(folder, '--out', 'part', '--epochs', '1', '--threads', '2');
  assert.is.not(hashOf('part'), hashOf('run'));
  const { code, stderr } = await lockstep(folder, 'train', '--resume', 'part', '--epochs', '3');
  assert.is(code, 0, stderr);
  assert.is(hashOf('part'), hashOf('run'));
  const { stdout } = await lockstep(folder, 'diff', 'run', 'part', '--json');
  assert.is(JSON.parse(stdout).sameWeights, true);
});

test('a resume needs the moments as they were', async () => {
  await trainWell(folder, '--out', 'forgetful', '--epochs', '1');
  const path = join(folder, 'forgetful/checkpoint.safetensors');
  const { tensors, metadata } = readSealed(path);
  for (const name of parameters) (tensors.get(`secondMoment.${name}`)!.data as Float32Array).fill(0);
  writeSealed(path, tensors, metadata);
  assert.is((await lockstep(folder, 'train', '--resume', 'forgetful', '--epochs', '3')).code, 0);
  assert.is.not(hashOf('forgetful'), hashOf('run'));
  const lacking = new Map([...tensors].filter(([name]) => name !== 'firstMoment.fc1.bias'));
  writeSealed(join(copyOfRun('lacking'), 'checkpoint.safetensors'), lacking, metadata);
  assert.match(await trainBadly(folder, 2, '--resume', 'lacking'), 'firstMoment.fc1.bias is missing');
});

test('verify repeats it, and names the moment that is another', async () => {
  assert.is((await lockstep(folder, 'verify', 'run', '--threads', '3')).code, 0);
  const changed = copyOfRun('changed');
  rmSync(join(changed, 'summary.json'));
  const path = join(changed, 'checkpoint.safetensors');
  const { tensors, metadata } = readSealed(path);
  (tensors.get('secondMoment.fc1.bias')!.data as Float32Array)[1]! += 0.5;
  writeSealed(path, tensors, metadata);
  const { code, stdout } = await lockstep(folder, 'verify', 'changed', '--json');
  assert.is(code, 6);
  const { file, tensors: differing } = JSON.parse(stdout).difference.weights;
  assert.is(file, 'checkpoint.safetensors');
  assert.equal(
    differing.map(({ name }: { name: string }) => name),
    ['secondMoment.fc1.bias'],
  );
});

test("a checkpoint of another optimizer than the config's is refused", async () => {
  const run = copyOfRun('other');
  changeOptimizer(run, { type: 'sgd', learningRate: 0.01 });
  assert.match(
    await trainBadly(folder, 2, '--resume', 'other', '--epochs', '4'),
    /is of another optimizer: it holds firstMoment and secondMoment, where sgd keeps velocity\. Change the config's optimizer back/,
  );
  changeOptimizer(run, { ...readJson(folder, 'run/config.json').optimizer, type: 'adamw' });
  assert.match(
    await trainBadly(folder, 2, '--resume', 'other', '--epochs', '4'),
    'optimizer.type was "adam" and is "adamw"',
  );
});

test('its weights start a run with another optimizer; a config without a type means SGD', async () => {
  const sgd = ['--set', 'optimizer={"learningRate":0.05}', '--epochs', '1', '--tensorboard'];
  await trainWell(folder, '--out', 'from', '--init', 'run/checkpoint.safetensors', ...sgd);
  assert.is(readJson(folder, 'from/config.json').optimizer.type, 'sgd');
  const { stdout } = await lockstep(folder, 'diff', 'run', 'from', '--json');
  const { tensors } = JSON.parse(stdout).weights.find(
    ({ file }: { file: string }) => file === 'checkpoint.safetensors',
  );
  const kinds = new Map(tensors.map(({ name, kind }: { name: string; kind: string }) => [name, kind]));
  assert.is(kinds.get('firstMoment.fc1.weight'), 'missing');
  assert.is(kinds.get('velocity.fc1.weight'), 'unknown');
});

test('the average of the weights is what is validated, tested, saved and evaluated; a checkpoint has both', async (context) => {
  const average = context.folder({
    ...tinyConfig(context.dataset),
    optimizer: { type: 'sgd', learningRate: 0.05, lookahead: { steps: 3 }, weightAverage: { decay: 0.8 } },
  });
  await trainWell(average, '--out', 'run', '--threads', '2', '--tensorboard');
  const [model, best, checkpoint] = ['model', 'best', 'checkpoint'].map(
    (name) => readTensors(join(average, `run/${name}.safetensors`)).tensors,
  );
  assert.equal(Object.keys(model!).sort(), [...parameters].sort());
  for (const name of parameters) {
    assert.equal(model![name], checkpoint![`averageWeights.${name}`], name);
    assert.not.equal(model![name], checkpoint![name], name);
    assert.ok(checkpoint![`slowWeights.${name}`]);
  }
  assert.is((await lockstep(average, 'verify', 'run', '--threads', '3')).code, 0);
  const summary = readJson(average, 'run/summary.json');
  for (const [weights, expected] of [
    ['last', summary.final.test],
    ['best', summary.best.test],
  ]) {
    const { stdout } = await lockstep(average, 'evaluate', 'run', '--weights', weights, '--json');
    assert.is(JSON.parse(stdout).loss, expected.loss, weights);
  }
  assert.is(summary.best.epoch === 3, isDeepStrictEqual(best, model));
  await trainWell(average, '--out', 'part', '--epochs', '1');
  assert.is((await lockstep(average, 'train', '--resume', 'part', '--epochs', '3')).code, 0);
  assert.is(readJson(average, 'part/summary.json').weightsSha256, summary.weightsSha256);
});

test('a rate that falls when validation gets no better falls likewise after a resume, and when verified', async (context) => {
  const schedule = { type: 'reduceOnPlateau', metric: 'top1', patience: 0, threshold: 1, factor: 0.5 };
  const plateau = context.folder({
    ...tinyConfig(context.dataset),
    optimizer: { type: 'sgd', learningRate: 0.02, schedule },
    training: { batchSize: 7, epochs: 5 },
  });
  await trainWell(plateau, '--out', 'run');
  const rates = (run: string) =>
    readFileSync(join(plateau, run, 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).learningRate);
  assert.ok(rates('run').at(-1) < 0.02);
  assert.is((await lockstep(plateau, 'verify', 'run')).code, 0);
  await trainWell(plateau, '--out', 'part', '--epochs', '3');
  assert.is((await lockstep(plateau, 'train', '--resume', 'part', '--epochs', '5')).code, 0);
  assert.equal(rates('part'), rates('run'));
  const [own, other] = ['run', 'part'].map((run) => readJson(plateau, run, 'summary.json').weightsSha256);
  assert.is(own, other);
});

test('TensorBoard has a histogram of each slot that the optimizer uses', () => {
  const events = (run: string) => {
    const at = join(folder, run, 'tensorboard');
    return readFileSync(join(at, readdirSync(at)[0]!), 'latin1');
  };
  for (const name of parameters)
    for (const slot of ['firstMoment', 'secondMoment']) assert.match(events('run'), `${slot}/${name}`);
  assert.match(events('from'), 'weights/fc1.weight');
  assert.not.match(events('from'), 'velocity/'); // without momentum there is none
});

test('a layer may be named as a slot is', async (context) => {
  const config = tinyConfig(context.dataset);
  const layers = config.model.layers.map((layer) =>
    layer.type === 'dense' ? { ...layer, name: 'velocity' } : layer,
  );
  const named = context.folder({ ...config, model: { layers } });
  await trainWell(named, '--out', 'run', '--epochs', '1');
  const { code, stdout } = await lockstep(named, 'verify', 'run');
  assert.is(code, 0, stdout);
});

test.run();
