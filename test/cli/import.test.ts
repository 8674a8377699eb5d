import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readSafetensors, type Tensor, writeSafetensors } from '#lockstep/tensors/safetensors.js';
import {
  classes,
  commandSuite,
  jsonLines,
  lockstep,
  readJson,
  tinyConfig,
  train,
  trainWell,
} from '../support/command-helpers.js';
import { runInProcess } from '../support/command-line.js';

const test = commandSuite('the import command, and models without a run');

/** The folder of a run, its weights and its ONNX file. */
let folder: string;
test.before(async (workspace) => {
  folder = workspace.folder();
  writeFileSync(
    join(workspace.dataset, 'classes.txt'),
    ['ant', 'bee', 'cat', 'dog', 'elk', 'fox'].join('\n'),
  );
  await trainWell(folder, '--out', 'run', '--quiet');
  assert.is((await lockstep(folder, 'export', 'run', '--out', 'model.onnx')).code, 0);
});

const predictions = async (model: string, dataset: string) => {
  const ended = await lockstep(folder, 'predict', model, join(dataset, 'images/c0'), '--top', '2');
  assert.is(ended.code, 0, ended.stderr);
  return jsonLines(ended.stdout);
};

test('predict gives the same for a run, its weights, its ONNX file, and what was imported of that', async ({
  dataset,
}) => {
  const ended = await lockstep(folder, 'import', 'model.onnx', '--as', 'again.json', '--data', dataset);
  assert.is(ended.code, 0, ended.stderr);
  assert.is(ended.stderr, '');
  assert.match(ended.stdout, /^model\.onnx: 3 x 16 x 16 to 6 classes, /);
  assert.match(ended.stdout, /wrote again\.json and again\.safetensors; next:/);
  const expected = await predictions('run', dataset);
  assert.is(expected[0].predictions[0].class.length, 3);
  for (const model of ['run/best.safetensors', 'model.onnx', 'again.safetensors'])
    assert.equal(await predictions(model, dataset), expected, model);
});

test('the same weights are in it, with classes and normalization', () => {
  const [own, again] = ['run/best.safetensors', 'again.safetensors'].map((file) =>
    readSafetensors(join(folder, file)),
  );
  assert.equal(again!.tensors, own!.tensors);
  for (const key of ['classes', 'normalization', 'epoch', 'resize'])
    assert.is(again!.metadata[key], own!.metadata[key], key);
  const config = readJson(folder, 'again.json');
  assert.equal(config.data.features.normalize, JSON.parse(own!.metadata['normalization']!));
  assert.is(config.training.init, 'again.safetensors');
  assert.is(config.model.layers.at(-1).outFeatures, 'classes');
});

test('a training starts from it, with all layers, where it was', async () => {
  const ended = await train(
    folder,
    '--config',
    'again.json',
    '--out',
    'more',
    '--epochs',
    '1',
    '--threads',
    '1',
  );
  assert.is(ended.code, 0, ended.stderr);
  assert.match(ended.stdout, /all 2 layers start from again\.safetensors/);
  const { init } = readJson(folder, 'more/summary.json');
  assert.equal(init.classes, {
    matched: 'name',
    taken: ['ant', 'bee', 'cat', 'dog', 'elk', 'fox'],
    anew: [],
  });
});

test('evaluate takes a file with --data, to the numbers of the run', async ({ dataset }) => {
  const scores = async (...args: string[]) => {
    const ended = await lockstep(folder, 'evaluate', ...args, '--json', '--threads', '1');
    assert.is(ended.code, 0, ended.stderr);
    return JSON.parse(ended.stdout);
  };
  const own = await scores('run');
  for (const model of ['model.onnx', 'run/best.safetensors']) {
    const found = await scores(model, '--data', dataset);
    assert.equal([found.loss, found.top1, found.weights], [own.loss, own.top1, null]);
  }
  const said = await lockstep(folder, 'evaluate', 'model.onnx', '--data', dataset);
  assert.match(said.stdout, /^model\.onnx: of epoch \d\n/);
  const without = await lockstep(folder, 'evaluate', 'model.onnx');
  assert.is(without.code, 2);
  assert.match(without.stderr, /model\.onnx is a model without a run: give the images with --data FOLDER/);
  const choice = await lockstep(folder, 'evaluate', 'model.onnx', '--data', dataset, '--weights', 'last');
  assert.match(choice.stderr, /--weights is for a run; model\.onnx is a file/);
});

test('weights alone come in with a config of their network, or are refused with what is missing', async ({
  dataset,
}) => {
  const { tensors } = readSafetensors(join(folder, 'run/best.safetensors'));
  writeSafetensors(join(folder, 'torch.safetensors'), tensors as ReadonlyMap<string, Tensor>, {
    format: 'pt',
  });
  const alone = await lockstep(folder, 'predict', 'torch.safetensors', dataset);
  assert.is(alone.code, 2);
  assert.match(alone.stderr, /has weights and does not say of which network.*lockstep import FILE --config/);

  writeFileSync(join(folder, 'net.json'), JSON.stringify(tinyConfig(dataset)));
  const args = ['torch.safetensors', '--config', 'net.json', '--as', 'joined.json'];
  const open = await lockstep(folder, 'import', ...args);
  assert.is(open.code, 0, open.stderr);
  assert.match(open.stderr, /nothing says how the pixels were normalized/);
  assert.match(open.stderr, /no names of classes: --classes gives them/);
  const unsaid = await lockstep(folder, 'predict', 'joined.safetensors', dataset);
  assert.is(unsaid.code, 2);
  assert.match(
    unsaid.stderr,
    /does not say its normalization\. Import the model again by lockstep import, with --range/,
  );

  writeFileSync(join(folder, 'names.txt'), 'ant\nbee\ncat\ndog\nelk\nfox\n');
  const { mean, deviation } = JSON.parse(
    readSafetensors(join(folder, 'run/best.safetensors')).metadata['normalization']!,
  );
  const said = ['--mean', mean.join(), '--deviation', deviation.join(), '--classes', 'names.txt'];
  const whole = await lockstep(folder, 'import', ...args.slice(0, 3), '--as', 'whole.json', ...said);
  assert.is(whole.code, 0, whole.stderr);
  assert.is(whole.stderr, '');
  assert.equal(await predictions('whole.safetensors', dataset), await predictions('run', dataset));

  const other = {
    ...tinyConfig(dataset),
    model: { layers: [{ type: 'flatten' }, { type: 'dense', outFeatures: 6 }] },
  };
  writeFileSync(join(folder, 'other.json'), JSON.stringify(other));
  const wrong = await lockstep(
    folder,
    'import',
    'torch.safetensors',
    '--config',
    'other.json',
    '--as',
    'x.json',
  );
  assert.is(wrong.code, 2);
  assert.match(
    wrong.stderr,
    /torch\.safetensors does not fit the config's network:\n +conv1\.\w+ is not in this network/,
  );
  assert.not(existsSync(join(folder, 'x.json')));
});

test("a run's own weights give its config", async () => {
  const ended = await lockstep(folder, 'import', 'run/best.safetensors', '--as', 'own.json');
  assert.is(ended.code, 0, ended.stderr);
  const config = readJson(folder, 'own.json');
  assert.is(config.training.init, 'run/best.safetensors');
  assert.equal(config.model, readJson(folder, 'run/config.json').model);
  assert.not(existsSync(join(folder, 'own.safetensors')));
});

test('no file is replaced, and what is no model is refused', async () => {
  const before = readFileSync(join(folder, 'again.json'));
  const there = await lockstep(folder, 'import', 'model.onnx', '--as', 'again.json');
  assert.is(there.code, 2);
  assert.match(there.stderr, /again\.json is there already; name another file with --as/);
  assert.equal(readFileSync(join(folder, 'again.json')), before);
  writeFileSync(join(folder, 'noise.onnx'), 'this is no model, and no protobuf either');
  writeFileSync(join(folder, 'model.pth'), 'PK');
  const refused = async (file: string, words: RegExp, ...args: string[]) => {
    const paths = [join(folder, file), '--as', join(folder, 'none.json')];
    const ended = await runInProcess(['import', ...paths, ...args]);
    assert.is(ended.code, file === 'noise.onnx' ? 3 : 2, ended.stderr);
    assert.match(ended.stderr, words);
    assert.not.match(ended.stderr, /^\s+at /m);
    assert.not(existsSync(join(folder, 'none.json')) || existsSync(join(folder, 'none.safetensors')));
  };
  await refused('noise.onnx', /noise\.onnx: it is no ONNX model/);
  await refused(
    'model.pth',
    /expected a file of the form \.onnx or \.safetensors\. In PyTorch, torch\.onnx\.export/,
  );
  await refused('model.onnx', /--mean and --deviation are given together/, '--mean', '0,0,0');
  await refused(
    'model.onnx',
    /--mean is 1,2, but needs three numbers/,
    '--mean',
    '1,2',
    '--deviation',
    '1,1,1',
  );
  await refused(
    'model.onnx',
    /its input "input" is \[batch, 3, 16, 16\], and --input says 3,8,8/,
    '--input',
    '3,8,8',
  );
  writeFileSync(join(folder, 'few.txt'), 'ant\nbee\n');
  await refused(
    'model.onnx',
    new RegExp(`--classes names 2 classes, and .* gives ${classes} outputs`),
    '--classes',
    join(folder, 'few.txt'),
  );
});

test('weights whose metadata names own code are refused, and the code is not run', async () => {
  const { tensors, metadata } = readSafetensors(join(folder, 'run/best.safetensors'));
  const config = JSON.parse(metadata['config']!);
  const [module, ran] = [join(folder, 'own.mjs'), join(folder, 'ran')];
  writeFileSync(
    module,
    `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(ran)}, '');`,
  );
  const layers = [{ type: 'custom', module }, ...config.model.layers];
  const own = { ...metadata, config: JSON.stringify({ ...config, model: { ...config.model, layers } }) };
  const { sha256: _, ...unsealed } = own as Record<string, string>;
  const file = join(folder, 'own-code.safetensors');
  writeSafetensors(file, tensors as ReadonlyMap<string, Tensor>, unsealed);
  const ended = await runInProcess(['predict', file, folder]);
  assert.is(ended.code, 2, ended.stderr);
  assert.match(ended.stderr, /names own code \(model\.layers\[0\]\), which a file of weights does not run/);
  assert.not(existsSync(ran));
});

test.run();
