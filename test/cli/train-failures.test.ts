import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import {
  commandSuite,
  jsonLines,
  readJson,
  readTensors,
  tinyConfig,
  train,
  trainBadly,
  trainWell,
} from '../support/command-helpers.js';

const test = commandSuite('what goes wrong with data and training');
const config = ['--config', 'config.json'];

/** A folder with a config and a copy of the dataset, `set`, that a test may spoil. */
function spoilable(context: { dataset: string; folder(config?: object): string }) {
  const folder = context.folder(tinyConfig('set'));
  const set = join(folder, 'set');
  cpSync(context.dataset, set, { recursive: true });
  return { folder, set };
}

/** Puts `change` of a line, counted from 1, into its place. */
function editLine(list: string, number: number, change: (line: string) => string): void {
  const lines = readFileSync(list, 'utf8').split('\n');
  lines[number - 1] = change(lines[number - 1]!);
  writeFileSync(list, lines.join('\n'));
}

const cases: Record<string, { spoil(set: string): void; says: readonly string[] }> = {
  'a missing folder': { spoil: (set) => rmSync(set, { recursive: true }), says: ['set: no such folder'] },
  'no list of train': {
    spoil: (set) => rmSync(join(set, 'train.txt')),
    says: ['set: found validation and test, and none to train on'],
  },
  'an empty split': {
    spoil: (set) => writeFileSync(join(set, 'test.txt'), '\n'),
    says: ['set/test.txt: no image'],
  },
  'lines without a label': {
    spoil(set) {
      editLine(join(set, 'train.txt'), 3, (line) => line.slice(0, -2));
      editLine(join(set, 'train.txt'), 9, (line) => line.replace(/\d+$/, 'two'));
    },
    says: ['set/train.txt:3: no label: found "images/c0/2.png"', 'set/train.txt:9: the label is "two"'],
  },
  'a label out of range': {
    spoil: (set) => editLine(join(set, 'val.txt'), 5, (line) => line.replace(/\d+$/, '6')),
    says: ['set/val.txt:5: the label is 6, expected 0 to 5'],
  },
};

for (const [name, { spoil, says }] of Object.entries(cases)) {
  test(`${name}: exit code 3, with file and line, and no run directory`, async (context) => {
    const { folder, set } = spoilable(context);
    spoil(set);
    const message = await trainBadly(folder, 3, ...config);
    for (const words of says) assert.match(message, words);
    assert.not.ok(existsSync(join(folder, 'runs')));
  });
}

test('images that are missing, cut short or none stop the run after all are listed, or are skipped and recorded', async (context) => {
  const { folder, set } = spoilable(context);
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  const create = { width: 64, height: 64, channels: 3, background: 'gray', noise } as const;
  const jpeg = await sharp({ create }).jpeg().toBuffer();
  rmSync(join(set, 'images/c0/0.png'));
  writeFileSync(join(set, 'images/c1/5.png'), jpeg.subarray(0, jpeg.length >> 1));
  writeFileSync(join(set, 'images/c5/7.png'), 'no image');

  const message = await trainBadly(folder, 3, ...config);
  assert.match(message, '3 images cannot be used');
  assert.match(message, '--skip-bad-images');
  assert.match(message, 'set/images/c0/0.png (train.txt:1): no such file\n');
  assert.match(message, 'set/images/c1/5.png (val.txt:4): it is cut short or damaged\n');
  assert.match(message, 'set/images/c5/7.png (test.txt:12): it is no image, or of a format that is not read');
  assert.not.ok(existsSync(join(folder, 'runs')));

  await trainWell(folder, '--skip-bad-images', '--out', 'run');
  const warnings = jsonLines(readFileSync(join(folder, 'run/log.jsonl'), 'utf8'))
    .filter(({ event }) => event === 'warning')
    .map(({ msg }) => msg);
  assert.is(warnings.length, 3);
  for (const [i, name] of ['images/c0/0.png', 'images/c1/5.png', 'images/c5/7.png'].entries()) {
    assert.match(warnings[i]!, name);
  }
  const { train, validation, test } = readJson(folder, 'run/summary.json').final;
  assert.equal([train.samples, validation.samples, test.samples], [23, 11, 11]);
});

test('images of more pixels than the config allows are refused', async (context) => {
  const message = await trainBadly(context.folder(), 3, ...config, '--set', 'data.maxPixels=255');
  assert.match(
    message,
    /48 images cannot be used.*c0\/0\.png \(train\.txt:1\): it has 16 x 16 pixels, more than the 255 that data\.maxPixels allows/s,
  );
});

test('a training that diverges: exit code 4, epoch, step and advice, and the last good weights are kept', async (context) => {
  const folder = context.folder();
  const diverging = ['--set', 'optimizer.learningRate=1e30'];
  const message = await trainBadly(folder, 4, ...config, '--out', 'run', ...diverging);
  assert.match(message, 'not finite in epoch 1, step 2');
  assert.match(message, 'Try a smaller optimizer.learningRate (it is 1e+30)');
  assert.match(message, 'run/checkpoint.safetensors');
  const { tensors } = readTensors(join(folder, 'run/checkpoint.safetensors'));
  for (const [name, { values }] of Object.entries(tensors)) {
    assert.ok(
      values.every((value) => Math.abs(value) < 10),
      name,
    );
  }
  assert.is(readJson(folder, 'run/summary.json').status, 'failed');
  const log = jsonLines(readFileSync(join(folder, 'run/log.jsonl'), 'utf8'));
  assert.is(log.at(-1).event, 'error');
});

test('of two runs begun at once on the same data and --out one trains, and the other is told', async (context) => {
  const folder = context.folder(tinyConfig(context.dataset));
  const both = await Promise.all(
    [1, 2].map((threads) => train(folder, ...config, '--out', 'run', '--threads', `${threads}`)),
  );
  const [first, second] = both.sort((a, b) => a.code! - b.code!) as [(typeof both)[0], (typeof both)[0]];
  assert.is(first.code, 0, first.stderr);
  // Which of the two it is depends on how far the first one was.
  const told = new Map<unknown, RegExp>([
    [2, /^error: run is not empty; give a folder/],
    [5, /^error: run: another process is writing there\./],
  ]).get(second.code);
  assert.ok(told !== undefined, `${second.code}: ${second.stderr}`);
  assert.match(second.stderr, told);
  assert.is(readJson(join(folder, 'run/summary.json'))['status'], 'completed');
  // Both prepared the data, which was not there.
  assert.is(readdirSync(join(folder, 'data/packed')).length, 1);
});

test.run();
