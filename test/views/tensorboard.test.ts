import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { summaryEvent, versionEvent } from '#lockstep/views/tensorboard/event.js';
import { histogramOf } from '#lockstep/views/tensorboard/histogram.js';
import { crc32c, recordOf } from '#lockstep/views/tensorboard/record.js';
import { TensorBoard } from '#lockstep/views/tensorboard/tensorboard.js';
import {
  classes,
  commandSuite,
  jsonLines,
  tinyConfig,
  train,
  trainWell,
} from '../support/command-helpers.js';
import { layersConfig, noiseSamples, root, withDataset, withEngine } from '../support/engine-helpers.js';
import { needing } from '../support/needing.js';

const test = commandSuite('TensorBoard event files');

const seconds = 1700000000.25;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('checksums are those of RFC 3720', () => {
  assert.is(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.is(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
  assert.is(crc32c(Buffer.from('123456789')), 0xe3069283);
});

// What tensorboard 2.21's RecordWriter and messages write for the same values.
test('records are, byte for byte, those that TensorBoard itself writes', () => {
  assert.is(
    hex(recordOf(versionEvent(seconds))),
    '1800000000000000a37f4b220900001040fc54d9411a0d627261696e2e4576656e743a32338d2fe9',
  );
  const histogram = {
    min: -1,
    max: 2,
    count: 3,
    sum: 1.5,
    sumOfSquares: 5.25,
    limits: [0.5, 2],
    counts: [1, 2],
  };
  const image = { width: 7, height: 200, png: Buffer.from('\x89PNG', 'latin1') };
  const values = [
    { tag: 'loss/train', scalar: 2.75 },
    { tag: 'weights/fc1.weight', histogram },
    { tag: 'filters/fc1', image },
  ];
  assert.is(
    hex(recordOf(summaryEvent(seconds, 300, values))),
    'a900000000000000346798130900001040fc54d94110ac022a9a010a110a0a6c6f73732f747261696e15000030400a670a127765' +
      '6967687473' +
      '2f6663312e7765696768742a5109000000000000f0bf11000000000000004019000000000000084021000000000000f83f29000' +
      '00000000015403210000000000000e03f00000000000000403a10000000000000f03f00000000000000400a1c0a0b66696c7465' +
      '72732f666331220d08c80110071803220489504e4780fb3462',
  );
});

test('a histogram counts each finite value once', () => {
  const values = Float32Array.of(0, 1, 2, 3, Number.NaN, 3, Number.POSITIVE_INFINITY);
  const histogram = histogramOf(values)!;
  const { min, max, count, sum, sumOfSquares, limits, counts } = histogram;
  assert.equal([min, max, count, sum, sumOfSquares], [0, 3, 5, 9, 23]);
  assert.is(limits.length, 30);
  assert.is(limits.at(-1), 3);
  assert.equal(
    counts.flatMap((n, bucket) => (n > 0 ? [[bucket, n]] : [])),
    [
      [0, 1],
      [10, 1],
      [20, 1],
      [29, 2],
    ],
  );
  assert.equal(histogramOf(new Float32Array(4).fill(2))?.counts, [4]);
  assert.is(histogramOf(Float32Array.of(Number.NaN)), undefined);
});

/** A Python with protobuf; undefined where there is none. */
const python = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'python3'))
  .find((path) => spawnSync(path, ['-c', 'import google.protobuf']).status === 0);

interface ReadEvent {
  readonly time: number;
  readonly step: number;
  readonly version: string;
  // biome-ignore lint/suspicious/noExplicitAny: as another program's JSON says it
  readonly values: Record<string, any>;
}

function readEvents(run: string): ReadEvent[] {
  const folder = join(run, 'tensorboard');
  const [name, ...others] = readdirSync(folder);
  assert.match(name!, /^events\.out\.tfevents\.\d{10}\.lockstep$/);
  assert.is(others.length, 0);
  const read = spawnSync(python!, [join(root, 'test/references/read_events.py'), join(folder, name!)]);
  assert.is(read.status, 0, String(read.stderr));
  return JSON.parse(String(read.stdout));
}

needing(
  test,
  'Python with protobuf',
  python !== undefined,
)('another reader finds scalars, histograms and filters of each epoch', async ({ dataset, folder }) => {
  const tiny = tinyConfig(dataset);
  const learningRate = 0.001;
  // One batch an epoch, so that an epoch moves the weights by its last batch's gradient.
  const config = {
    ...tiny,
    loss: { ...tiny.loss, reduction: 'sum' },
    optimizer: { type: 'sgd', learningRate },
    training: { batchSize: 24, epochs: 3 },
  };
  const at = folder(config);
  const began = Math.floor(Date.now() / 1000);
  const { stdout } = await trainWell(at, '--out', 'run', '--tensorboard', '--log-format', 'json');
  const epochs = jsonLines(stdout).filter(({ event }) => event === 'epoch');
  const [version, ...events] = readEvents(join(at, 'run'));
  assert.is(version!.version, 'brain.Event:2');
  assert.equal(
    events.map(({ step }) => step),
    [1, 2, 3],
  );
  for (const [i, { values, time }] of events.entries()) {
    const { train, validation, imagesPerSecond } = epochs[i];
    assert.ok(time >= began && time <= Date.now() / 1000, `${time} is when the epoch ended`);
    const scalars = {
      'loss/train': train.loss,
      'loss/validation': validation.loss,
      'top1/train': train.top1,
      'top1/validation': validation.top1,
      'top5/train': train.top5,
      'top5/validation': validation.top5,
      learning_rate: learningRate,
      images_per_second: imagesPerSecond,
    };
    for (const [tag, value] of Object.entries(scalars)) assert.is(values[tag], Math.fround(value), tag);
    assert.is(values['weights/fc1.weight'].num, classes * 4 * 7 * 7);
    const { width, height, hex: png } = values['filters/conv1'];
    const image = await sharp(Buffer.from(png, 'hex')).metadata();
    assert.equal([image.format, image.width, image.height], ['png', width, height]);
  }
  for (const name of ['conv1.weight', 'conv1.bias', 'fc1.weight', 'fc1.bias']) {
    const [before, after] = events.map(({ values }) => values[`weights/${name}`]);
    const gradient = events[1]!.values[`gradients/${name}`];
    const moved = (before.sum - after.sum) / learningRate;
    assert.ok(gradient.sum_squares > 0);
    assert.ok(Math.abs(moved - gradient.sum) < 0.01 + 0.01 * Math.abs(moved), `${moved} ${gradient.sum}`);
  }
});

test('only --tensorboard writes them, and the weights are the same', async ({ folder }) => {
  const at = folder();
  const hashes = [];
  for (const extra of [[], ['--tensorboard']]) {
    const out = `run${extra.length}`;
    const { stdout } = await train(
      at,
      '--config',
      'config.json',
      '--out',
      out,
      '--log-format',
      'json',
      ...extra,
    );
    hashes.push(jsonLines(stdout).at(-1).weightsHash);
    assert.is(readdirSync(join(at, out)).includes('tensorboard'), extra.length > 0);
  }
  assert.is(hashes[0], hashes[1]);
});

test('gradients are left out where no step of the epoch was taken here', () =>
  withDataset(noiseSamples(4, 24, 4, 3), [4], 3, (dataset) =>
    withEngine(layersConfig([{ type: 'dense', outFeatures: 3 }]), dataset, 1, async (engine) => {
      const directory = dirname(dataset.path);
      const board = new TensorBoard(() => {});
      for (const hasGradients of [false, true]) {
        const training = { engine, dataset, directory, hasGradients };
        const split = { samples: 24, loss: 1, top1: 0.5, top5: 1 };
        const epoch = {
          epoch: 1,
          learningRate: 0.1,
          train: split,
          validation: split,
          seconds: 1,
          imagesPerSecond: 24,
        };
        if (!hasGradients) board.start(training);
        await board.epoch({ ...epoch, best: true }, training);
        const [file] = readdirSync(join(directory, 'tensorboard')) as [string];
        const text = readFileSync(join(directory, 'tensorboard', file), 'latin1');
        assert.is(text.includes('weights/'), true);
        assert.is(text.includes('gradients/'), hasGradients);
      }
    }),
  ));

test.run();
