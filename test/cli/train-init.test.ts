import { cpSync, existsSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** Trainings that start from other weights: `--init`. What is taken of a file, `runs/initial-weights` tests in detail. */
const test = commandSuite('--init');

const names = ['ant', 'bee', 'cat', 'dog', 'elk', 'fox'];

/** The pictures, their classes with names and in another order, of those in `kept` alone. */
function putNamed(dataset: string, folder: string, kept: readonly string[]): void {
  cpSync(dataset, folder, { recursive: true });
  writeFileSync(join(folder, 'classes.txt'), kept.map((name) => `${name}\n`).join(''));
  for (const [list, files] of [
    ['train', [0, 1, 2, 3]],
    ['val', [4, 5]],
    ['test', [6, 7]],
  ] as const) {
    const lines = kept.flatMap((name, label) =>
      files.map((file) => `images/c${names.indexOf(name)}/${file}.png ${label}\n`),
    );
    writeFileSync(join(folder, `${list}.txt`), lines.join(''));
  }
}

const configFor = (dataset: string) => {
  const { model, ...config } = tinyConfig(dataset);
  const body = [
    { type: 'conv2d', outChannels: 4, kernelSize: 3 },
    { type: 'batchNorm' },
    ...model.layers.slice(1, -1),
  ];
  return { ...config, model: { layers: [...body, { type: 'dense', outFeatures: 'classes', name: 'head' }] } };
};

/** The steps are lost in rounding: the weights stay as they came. */
const still = ['--set', 'optimizer.learningRate=1e-30', '--epochs', '1'];
const frozenNorm = ['--set', 'training.freeze=["bn1"]'];

let folder: string;
test.before(async (context) => {
  folder = context.folder(configFor('named'));
  putNamed(context.dataset, join(folder, 'named'), names);
  putNamed(context.dataset, join(folder, 'turned'), [...names].reverse());
  putNamed(context.dataset, join(folder, 'fewer'), ['fox', 'bee']);
  await trainWell(folder, '--out', 'first', '--epochs', '4');
});

const weightsOf = (out: string, file = 'model') =>
  readTensors(join(folder, out, `${file}.safetensors`)).tensors;
const summaryOf = (out: string) => readJson(folder, out, 'summary.json');

test('the same classes in another order give the same answers', async () => {
  const init = ['--init', 'first/model.safetensors', ...still, ...frozenNorm];
  await trainWell(folder, '--data', 'turned', '--out', 'turned-run', ...init);
  const { final, init: record } = summaryOf('turned-run');
  for (const split of ['train', 'validation', 'test'])
    assert.is(final[split].top1, summaryOf('first').final[split].top1, split);
  assert.equal(record.classes, { matched: 'name', taken: [...names].reverse(), anew: [] });
});

test('a run is fine-tuned on other classes with its body frozen, verified, and resumed to the same bits', async () => {
  const tuning = ['--data', 'fewer', '--init', 'first', '--set', 'training.freeze=["conv*","bn*"]'];
  const { stdout } = await trainWell(
    folder,
    ...tuning,
    '--out',
    'tuned',
    '--epochs',
    '3',
    '--log-format',
    'pretty',
  );
  assert.match(stdout, 'all 3 layers start from first/best.safetensors');
  assert.match(stdout, 'parameters are frozen: conv1, bn1');
  const [best, tuned] = [weightsOf('first', 'best'), weightsOf('tuned')];
  for (const [name, tensor] of Object.entries(best))
    if (!name.startsWith('head')) assert.equal(tuned[name], tensor, name);
  assert.equal(tuned['head.weight']!.shape, [2, 4 * 7 * 7]);
  assert.not.equal(tuned['head.bias']!.values[0], best['head.bias']!.values[5]);
  const { init, weightsSha256 } = summaryOf('tuned');
  assert.equal([init.file, init.anew], ['first/best.safetensors', []]);
  const verified = await lockstep(folder, 'verify', 'tuned', '--threads', '1', '--json');
  assert.is(verified.code, 0, verified.stderr);

  await trainWell(folder, ...tuning, '--out', 'part', '--epochs', '1');
  // It goes on from its checkpoint, and needs the other run no more.
  const moved = join(folder, 'elsewhere');
  cpSync(join(folder, 'first'), moved, { recursive: true });
  rmSync(join(folder, 'first/best.safetensors'));
  const resumed = await lockstep(folder, 'train', '--resume', 'part', '--epochs', '3');
  assert.is(resumed.code, 0, resumed.stderr);
  assert.is(summaryOf('part').weightsSha256, weightsSha256);
  assert.equal(summaryOf('part').init, init);
  // A repetition does, as it was.
  const { tensors, metadata } = readSealed(join(moved, 'best.safetensors'));
  (tensors.get('conv1.bias')!.data as Float32Array)[0]! += 1;
  writeSealed(join(folder, 'first/best.safetensors'), tensors, metadata);
  const changed = await lockstep(folder, 'verify', 'tuned');
  assert.is(changed.code, 3, changed.stderr);
  assert.match(changed.stderr, 'first/best.safetensors is not what tuned started from');
});

test('what does not fit starts anew, and where nothing fits nothing is trained', async () => {
  const init = ['--config', 'config.json', '--init', 'first/model.safetensors'];
  const other = ['--set', 'model.layers.5.name=last', ...still];
  const { stdout } = await trainWell(
    folder,
    ...init.slice(2),
    ...other,
    '--out',
    'renamed',
    '--log-format',
    'pretty',
  );
  assert.match(
    stdout,
    '2 of 3 layers start from first/model.safetensors; anew start last (the file has none of this name)',
  );
  assert.match(stdout, 'not used of first/model.safetensors: head');
  const message = await trainBadly(
    folder,
    2,
    ...[...init, ...other, '--out', 'none', '--set', 'model.layers.0.outChannels=5'],
  );
  for (const fault of [
    'first/model.safetensors does not fit',
    'conv1: weight is 4 x 3 x 3 x 3 in the file; this network needs 5 x 3 x 3 x 3',
    'last: the file has none of this name',
    'head is not in this network',
  ])
    assert.match(message, fault);
  assert.not.ok(existsSync(join(folder, 'none')));
});

test('a file that cannot be read, or a run without weights, is a wrong command line', async () => {
  const args = ['--config', 'config.json', '--init'];
  assert.match(
    await trainBadly(folder, 2, ...args, 'none.safetensors'),
    'there is no file or run directory none.safetensors',
  );
  assert.match(await trainBadly(folder, 2, ...args, 'config.json'), 'config.json: not a valid safetensors');
  assert.match(await trainBadly(folder, 2, ...args, 'named'), 'named has no weights to start from');
});

test('a file of another network is refused before its tensors are read, however large they are', async () => {
  const size = 2 ** 36;
  const header = Buffer.from(`{"a":{"dtype":"F32","shape":[${size / 4}],"data_offsets":[0,${size}]}}`);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const path = join(folder, 'large.safetensors');
  writeFileSync(path, Buffer.concat([length, header]));
  truncateSync(path, 8 + header.length + size);
  const message = await trainBadly(folder, 2, '--config', 'config.json', '--init', path);
  assert.match(message, "large.safetensors does not fit the config's network");
  assert.match(message, 'a is not in this network');
});

test.run();
