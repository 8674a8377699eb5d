import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import {
  classes,
  commandSuite,
  type Ended,
  jsonLines,
  readJson,
  readTensors,
  samples,
  tinyConfig,
  train,
  trainForOneLine,
  trainWell,
} from '../support/command-helpers.js';

const shapes = {
  'conv1.weight': [4, 3, 3, 3],
  'conv1.bias': [4],
  'fc1.weight': [classes, 4 * 7 * 7],
  'fc1.bias': [classes],
};
const parameters = 4 * 27 + 4 + classes * 196 + classes;

const test = commandSuite('the train command');

/** The folder of the first two runs, of the same config: `one` on one thread, `three` on three. */
let folder: string;
let run: Ended;
const file = (name: string) => join(folder, 'one', name);
const hashOf = (out: string): string => readJson(folder, out, 'summary.json').weightsSha256;

test.before(async (context) => {
  folder = context.folder();
  [run] = await Promise.all([
    trainWell(folder, '--out', 'one', '--threads', '1'),
    trainWell(folder, '--out', 'three', '--threads', '3'),
  ]);
});

test('leaves a run directory with all of its files', () => {
  assert.equal(readdirSync(join(folder, 'one')).sort(), [
    'best.safetensors',
    'checkpoint.safetensors',
    'config.json',
    'curves.png',
    'curves.svg',
    'log.jsonl',
    'metrics.jsonl',
    'model.safetensors',
    'step-losses.f64',
    'summary.json',
  ]);
});

test('config.json is the config with every default', ({ dataset }) => {
  const init = { weightInit: { type: 'heNormal', gain: 1 }, biasInit: { type: 'zeros' } };
  assert.equal(readJson(file('config.json')), {
    name: 'tiny',
    seed: 1,
    data: {
      dir: dataset,
      source: 'auto',
      split: { seed: 1, validation: 0.1, test: 0.1 },
      csv: {},
      labels: 'fine',
      cache: 'data/packed',
      maxPixels: 100_000_000,
      maxImageMemory: 1024,
      background: [255, 255, 255],
      skipBadImages: false,
      features: { type: 'pixels', width: 16, height: 16, normalize: 'mean' },
    },
    model: {
      ...init,
      layers: [
        {
          type: 'conv2d',
          name: 'conv1',
          outChannels: 4,
          kernelSize: [3, 3],
          stride: [1, 1],
          padding: [0, 0],
          dilation: [1, 1],
          groups: 1,
          bias: true,
          ...init,
        },
        { type: 'relu' },
        { type: 'maxPool', window: [2, 2], stride: [2, 2], padding: [0, 0] },
        { type: 'flatten' },
        { type: 'dense', name: 'fc1', outFeatures: classes, bias: true, ...init },
      ],
    },
    loss: { type: 'crossEntropy', reduction: 'mean', labelSmoothing: 0, classWeights: 'none' },
    optimizer: {
      type: 'sgd',
      learningRate: 0.05,
      momentum: 0,
      nesterov: false,
      weightDecay: 0,
      decayBiasesAndNorms: true,
      layerFactors: [],
      schedule: { type: 'constant', warmupEpochs: 0 },
    },
    training: { batchSize: 7, epochs: 3, sampler: 'shuffled', freeze: [], augmentation: {}, bestBy: 'top1' },
  });
});

test('metrics.jsonl has a line an epoch, and the network learns', () => {
  const epochs = jsonLines(readFileSync(file('metrics.jsonl'), 'utf8'));
  assert.equal(
    epochs.map(({ epoch }) => epoch),
    [1, 2, 3],
  );
  for (const { train, validation, learningRate } of epochs) {
    assert.is(learningRate, 0.05);
    assert.is(train.samples, samples.train);
    assert.is(validation.samples, samples.validation);
  }
  assert.ok(epochs[2].train.loss < epochs[0].train.loss);
});

test('model, best and checkpoint hold the parameters under names and shapes of PyTorch', () => {
  const shapesIn = (name: string) =>
    Object.fromEntries(
      Object.entries(readTensors(file(name)).tensors).map(([key, { shape }]) => [key, shape]),
    );
  assert.equal(shapesIn('model.safetensors'), shapes);
  assert.equal(shapesIn('best.safetensors'), shapes);
  const velocities = Object.entries(shapes).map(([name, shape]) => [`velocity.${name}`, shape]);
  assert.equal(shapesIn('checkpoint.safetensors'), { ...shapes, ...Object.fromEntries(velocities) });
  assert.is(readTensors(file('checkpoint.safetensors')).metadata['epoch'], '3');
});

test('summary.json has the metrics of all splits, speeds, threads, versions and the hash of the weights', () => {
  const summary = readJson(file('summary.json'));
  const { version } = readJson(new URL('../../../package.json', import.meta.url).pathname);
  assert.is(summary.status, 'completed');
  assert.is(summary.parameters, parameters);
  assert.is(summary.threads, 1);
  assert.is(summary.versions.lockstep, version);
  assert.is(summary.versions.node, process.versions.node);
  for (const [split, count] of Object.entries(samples)) {
    const { samples, loss, top1, top5 } = summary.final[split];
    assert.is(samples, count);
    assert.ok(loss > 0 && top1 > 0 && top1 <= top5 && top5 <= 1, split);
  }
  assert.is(summary.imagesPerSecond.epochs.length, 3);
  for (const speed of summary.imagesPerSecond.epochs) assert.ok(speed > 0);
  const epochs = jsonLines(readFileSync(file('metrics.jsonl'), 'utf8'));
  assert.equal(summary.final.validation, epochs[2].validation);
  assert.equal(summary.best.validation, epochs[summary.best.epoch - 1].validation);
  assert.is(summary.best.validation.top1, Math.max(...epochs.map(({ validation }) => validation.top1)));

  const { tensors } = readTensors(file('model.safetensors'));
  const hash = createHash('sha256');
  for (const name of Object.keys(shapes)) hash.update(new Uint8Array(tensors[name]!.values.buffer));
  assert.is(summary.weightsSha256, hash.digest('hex'));
});

test('the curves are pictures', async () => {
  assert.match(readFileSync(file('curves.svg'), 'utf8'), /^<svg.*validation.*<\/svg>\s*$/s);
  const { info, data } = await sharp(file('curves.png')).raw().toBuffer({ resolveWithObject: true });
  assert.ok(info.width > 300 && info.height > 200);
  assert.ok(new Set(data).size > 10, 'there is something to see');
});

test('without a terminal, prints JSON lines, and log.jsonl has the same', () => {
  const lines = jsonLines(run.stdout);
  assert.equal(
    lines.map(({ event }) => event).filter((event) => event !== 'data'),
    ['note', 'start', 'epoch', 'epoch', 'epoch', 'end'],
  );
  assert.equal(lines.at(-1).metrics, readJson(file('summary.json')).final);
  const withoutTime = ({ time: _, ...line }: Record<string, unknown>) => line;
  const log = jsonLines(readFileSync(file('log.jsonl'), 'utf8'));
  assert.equal(log.map(withoutTime), lines.map(withoutTime));
});

test('the weights are the same with 1 and 3 threads, and with the config.json of a run', async () => {
  assert.is(hashOf('three'), hashOf('one'));
  assert.is(readJson(folder, 'three', 'summary.json').threads, 3);
  await train(folder, '--config', 'one/config.json', '--out', 'again');
  assert.is(hashOf('again'), hashOf('one'));
  assert.equal(readJson(folder, 'again/config.json'), readJson(file('config.json')));
});

test('options change the config, and another seed the weights', async ({ dataset }) => {
  const otherFolder = folder;
  await Promise.all([
    trainWell(folder, '--out', 'seed', '--seed', '2'),
    trainWell(
      otherFolder,
      ...['--out', 'deep/changed', '--epochs', '1', '--batch-size', '5', '--data', `${dataset}/.`],
      ...['--set', 'optimizer.momentum=0.5', '--set', 'model.layers.1.type=silu'],
    ),
  ]);
  assert.is(readJson(folder, 'seed/config.json').seed, 2);
  assert.is.not(hashOf('seed'), hashOf('one'));
  const expected = readJson(file('config.json'));
  Object.assign(expected.training, { epochs: 1, batchSize: 5 });
  expected.data.dir = `${dataset}/.`;
  expected.optimizer.momentum = 0.5;
  expected.model.layers[1].type = 'silu';
  assert.equal(readJson(folder, 'deep/changed/config.json'), expected);
  assert.is(jsonLines(readFileSync(join(folder, 'deep/changed/metrics.jsonl'), 'utf8')).length, 1);
});

test('--data is enough where the config names no folder', async (context) => {
  const { data, ...config } = tinyConfig('');
  const own = context.folder({ ...config, data: { features: data.features } });
  await trainWell(own, '--data', context.dataset, '--epochs', '1');
  const [name, ...others] = readdirSync(join(own, 'runs'));
  assert.equal(others, []);
  assert.match(name!, /^tiny-\d{4}-/);
});

test('--quiet prints nothing; pretty prints heading, a line an epoch and the table', async (context) => {
  const [quiet, pretty] = await Promise.all([
    trainWell(folder, '--out', 'quiet', '--quiet'),
    trainWell(context.folder(), '--out', 'pretty', '--log-format', 'pretty', '--threads', '1'),
  ]);
  assert.is(quiet.stdout, '');
  const lines = pretty.stdout.split('\n');
  for (const expected of [
    /^tiny$/,
    /^ +model +5 layers, 1,294 parameters$/,
    /^ +samples +24 train, 12 validation, 12 test$/,
    /^ +training +3 epochs, batches of 7, 1 thread$/,
    /^ +directory +pretty$/,
    /^epoch 1\/3 +train +\d\.\d{4} +\d+\.\d\d% +validation +\d\.\d{4} +\d+\.\d\d% +[\d,]+ images\/s +\d+\.\d s/,
    /^epoch 3\/3 /,
    /^ +loss +top-1 +top-5$/,
    /^train +\d\.\d{4} +\d+\.\d\d% +\d+\.\d\d%$/,
    /^validation +\d\.\d{4} +\d+\.\d\d% +\d+\.\d\d%$/,
    /^test +\d\.\d{4} +\d+\.\d\d% +\d+\.\d\d%$/,
    new RegExp(hashOf('one')),
    /^files in pretty$/,
  ]) {
    assert.ok(
      lines.some((line) => expected.test(line)),
      `${expected} in\n${pretty.stdout}`,
    );
  }
  assert.not.match(pretty.stdout, /\p{Cc}(?<!\n)/u, 'no control characters without a terminal');
});

test('--help shows examples, --version the version', async () => {
  const [help, version] = await Promise.all([train(folder, '--help'), train(folder, '--version')]);
  assert.is(help.code, 0);
  assert.match(help.stdout, /Examples:\n.*--config configs\/improved\.json --threads 8\n/);
  for (const option of ['threads', 'data', 'epochs', 'seed', 'batch-size', 'set', 'out', 'init', 'quiet']) {
    assert.match(help.stdout, `--${option} `);
  }
  assert.is(version.code, 0);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
});

test('a reader that leaves ends the run without a word', async () => {
  const { code, stderr } = await trainForOneLine(
    folder,
    ...['--config', 'config.json', '--out', 'cut', '--epochs', '100000'],
  );
  assert.is(stderr, '');
  assert.is(code, 5);
  assert.is(readJson(folder, 'cut', 'summary.json')['status'], 'stopped');
  assert.equal(
    readdirSync(join(folder, 'cut')).filter((name) => name.startsWith('claim')),
    [],
  );
});

test.run();
