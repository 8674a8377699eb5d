import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { commandSuite, lockstep, readJson, tinyConfig, trainWell } from '../support/command-helpers.js';
import { ownModule } from '../support/own-code-helpers.js';

/** Own operators and an own loss under every command, as a user has them: modules beside the config. */
const test = commandSuite('own code under the commands');

const configFor = (dataset: string) => ({
  ...tinyConfig(dataset),
  model: {
    layers: [
      { type: 'conv2d', outChannels: 4, kernelSize: 3 },
      {
        type: 'custom',
        name: 'swish',
        module: './layers.js',
        export: 'swish',
        parameters: { slope: { shape: [1], init: { type: 'constant', value: 1 } } },
      },
      { type: 'custom', module: 'layers.js', export: 'drop', options: { rate: 0.1 } },
      { type: 'batchNorm' },
      { type: 'maxPool', window: 2 },
      { type: 'flatten' },
      { type: 'dense', outFeatures: 'classes' },
    ],
  },
  loss: { type: 'custom', module: './losses.js', export: 'crossEntropy' },
});

let folder: string;
test.before(async ({ folder: make, dataset }) => {
  folder = make(configFor(dataset));
  for (const name of ['layers', 'losses'] as const) cpSync(ownModule(name), join(folder, `${name}.js`));
  await trainWell(folder, '--out', 'run', '--threads', '2');
});

const well = async (...args: string[]) => {
  const ended = await lockstep(folder, ...args);
  assert.is(ended.code, 0, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
  return ended.stdout;
};
const badly = async (code: number, ...args: string[]) => {
  const ended = await lockstep(folder, ...args);
  assert.is(ended.code, code, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
  return ended.stderr;
};

test("a run's config has the modules' whole paths and hashes", async () => {
  const { model, loss } = readJson(folder, 'run/config.json');
  assert.is(model.layers[1].module, join(folder, 'layers.js'));
  assert.is(model.layers[2].sha256, model.layers[1].sha256);
  assert.match(loss.sha256, /^[0-9a-f]{64}$/);
});

test('fed again, and resumed, it gives the bits of the run in one piece; verify repeats it', async () => {
  await well('train', '--config', 'run/config.json', '--epochs', '2', '--out', 'part', '--quiet');
  await well('train', '--resume', 'part', '--epochs', '3', '--threads', '3', '--quiet');
  assert.is(
    readJson(folder, 'part/summary.json').weightsSha256,
    readJson(folder, 'run/summary.json').weightsSha256,
  );
  assert.match(await well('verify', 'part', '--threads', '1'), 'every bit is the same');
});

test('evaluate finds the loss of the summary, predict answers, report and profile show the layers', async () => {
  const { final } = readJson(folder, 'run/summary.json');
  const evaluated = JSON.parse(await well('evaluate', 'run', '--weights', 'last', '--json'));
  assert.is(evaluated.loss, final.test.loss, JSON.stringify(evaluated).slice(0, 300));
  const image = join('..', 'set', 'images/c0/0.png');
  assert.is(JSON.parse(await well('predict', 'run', image, '--format', 'jsonl')).predictions.length, 5);
  await well('report', 'run', '--out', 'report.html');
  const page = readFileSync(join(folder, 'report.html'), 'utf8');
  assert.match(page, 'own swish of layers.js');
  assert.match(await well('profile', '--config', 'config.json', '--steps', '2'), 'swish');
});

test('export refuses, and names the layer', async () => {
  const said = await badly(2, 'export', 'run');
  assert.match(said, /layer swish is own code \(.*layers\.js\), which ONNX has no operator for/);
  assert.not.ok(existsSync(join(folder, 'run/best.onnx')));
});

test('a module that has changed is told of by resume, verify and predict', async () => {
  const path = join(folder, 'layers.js');
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, `${text}\n// other\n`);
  try {
    for (const args of [
      ['train', '--resume', 'run', '--epochs', '4'],
      ['verify', 'run'],
      ['predict', 'run', join('..', 'set', 'images/c0/0.png')],
    ]) {
      const said = await badly(2, ...args);
      assert.match(
        said,
        /layer swish \(model\.layers\[1\]\): .*layers\.js is another file than the config says: its SHA-256 is [0-9a-f]{64}, and was/,
      );
    }
  } finally {
    writeFileSync(path, text);
  }
});

test('an error in own code ends the training with its stack; the last checkpoint stays, and training goes on from it', async () => {
  const path = join(folder, 'late.js');
  // After an epoch of 4 mini-batches there are 24 samples behind it.
  const module = (limit: number) =>
    `let samples = 0;
export default () => ({
  forward({ input, output }) { output.set(input); },
  backward({ outputGradient, inputGradient }) {
    if (++samples > ${limit}) throw new Error('enough');
    inputGradient.set(outputGradient);
  },
});\n`;
  writeFileSync(path, module(30));
  const layer = ['--set', 'model.layers.2={"type":"custom","module":"late.js"}'];
  const said = await badly(
    4,
    'train',
    '--config',
    'config.json',
    ...layer,
    '--threads',
    '1',
    '--out',
    'late',
  );
  assert.match(
    said,
    /error: layer custom2 \(model\.layers\[2\]\): .*late\.js: backward threw Error: enough\n\s+at Object\.backward \(.*late\.js:5:\d+\)/,
  );
  assert.ok(existsSync(join(folder, 'late/checkpoint.safetensors')));
  writeFileSync(path, module(1e9));
  assert.match(await badly(2, 'train', '--resume', 'late'), 'late.js is another file than the config says');
  await well(
    'train',
    '--config',
    'config.json',
    ...layer,
    '--init',
    'late',
    '--epochs',
    '1',
    '--out',
    'later',
    '--quiet',
  );
});

test('a module that is not there is a fault of the config, before the dataset is looked for', async () => {
  const said = await badly(
    2,
    'train',
    '--config',
    'config.json',
    '--set',
    'model.layers.1.module=./swsh.js',
    '--data',
    'nowhere',
  );
  assert.match(
    said,
    /config\.json has 1 fault:\n\s+model\.layers\[1\]\.module: found "\.\/swsh\.js", and there is no file .*swsh\.js \(from --set/,
  );
  const lacking = await badly(
    2,
    'train',
    '--config',
    'config.json',
    '--set',
    'loss.export=focal',
    '--data',
    'nowhere',
  );
  assert.match(lacking, /loss: focal of .*losses\.js: it exports no focal/);
});

test.run();
