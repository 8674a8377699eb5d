import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ExitCode, UserError } from '#lockstep/errors.js';
import { keepTouched } from '#lockstep/files/touch.js';
import { writeFileWhole } from '#lockstep/files/whole-file.js';
import { createRunDirectory, runPath } from '#lockstep/runs/directory.js';
import { appendMetrics, type EpochMetrics } from '#lockstep/runs/metrics.js';
import { hang } from '../support/needing.js';

const now = new Date('2025-01-31T09:05:00.123Z');
const fails = (exitCode: number, pattern: RegExp) => (error: Error) =>
  error instanceof UserError && error.exitCode === exitCode && pattern.test(error.message);

const test = suite<{ root: string }>('the run directory');
test.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), 'lockstep-run-'));
});
test.after.each(({ root }) => rmSync(root, { recursive: true }));

test('is named for the run and the time, and never given twice', ({ root }) => {
  const make = () => createRunDirectory({ name: 'tiny', root: join(root, 'runs'), now });
  assert.is(make(), join(root, 'runs', 'tiny-2025-01-31T09-05-00Z'));
  assert.is(make(), join(root, 'runs', 'tiny-2025-01-31T09-05-00Z-2'));
  assert.is(make(), join(root, 'runs', 'tiny-2025-01-31T09-05-00Z-3'));
});

test('--out takes a new folder or an empty one, once', ({ root }) => {
  mkdirSync(join(root, 'empty'));
  for (const name of ['deep/new', 'empty']) {
    const out = join(root, name);
    assert.is(createRunDirectory({ name: 'tiny', out }), out);
    assert.throws(
      () => createRunDirectory({ name: 'tiny', out }),
      fails(ExitCode.usage, / is not empty; give a folder/),
    );
  }
});

test('--out leaves a folder with files as it is', ({ root }) => {
  writeFileSync(join(root, 'mine.txt'), 'mine');
  assert.throws(() => createRunDirectory({ name: 'tiny', out: root }), fails(ExitCode.usage, /not empty/));
  assert.equal(readdirSync(root), ['mine.txt']);
});

test('a place that cannot be written is found at once', ({ root }) => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  for (const run of [
    { out: join(file, 'run') },
    { root: file },
    { root: join(file, 'runs') },
    { out: file },
  ]) {
    assert.throws(
      () => createRunDirectory({ name: 'tiny', ...run }),
      fails(ExitCode.environment, /cannot be written: E/),
    );
  }
});

test('a whole write replaces the file and leaves nothing beside it', ({ root }) => {
  const path = join(root, 'f.bin');
  writeFileWhole(path, 'old');
  const shared = new Uint8Array(new SharedArrayBuffer(3));
  shared.set([1, 2, 3]);
  writeFileWhole(path, shared);
  assert.equal([...readFileSync(path)], [1, 2, 3]);
  assert.equal(readdirSync(root), ['f.bin']);
});

test('a whole write that fails leaves the old content and nothing beside it', ({ root }) => {
  const path = join(root, 'taken');
  mkdirSync(join(path, 'child'), { recursive: true });
  assert.throws(() => writeFileWhole(path, 'new'), fails(ExitCode.environment, /taken cannot be written: E/));
  assert.throws(() => writeFileWhole(join(root, 'none', 'f'), 'x'), fails(ExitCode.environment, /ENOENT/));
  assert.equal(readdirSync(root), ['taken']);
});

const epoch = (number: number): EpochMetrics => {
  const split = { samples: 10, loss: 1 / number, top1: 0.1, top5: 0.5 };
  return {
    epoch: number,
    learningRate: 0.1,
    train: split,
    validation: split,
    seconds: 1,
    imagesPerSecond: 10,
  };
};

test('metrics are a line an epoch, and read back the same', ({ root }) => {
  for (const number of [1, 2, 3]) appendMetrics(root, epoch(number));
  const lines = readFileSync(runPath(root, 'metrics'), 'utf8').split('\n');
  assert.is(lines.pop(), '');
  assert.equal(
    lines.map((line) => JSON.parse(line)),
    [epoch(1), epoch(2), epoch(3)],
  );
});

test('what is in use is touched again and again, until it is not', async ({ root }) => {
  const path = join(root, 'used');
  writeFileSync(path, '');
  const long = new Date(1_000_000);
  const isTouched = () => statSync(path).mtimeMs > 2_000_000;
  const letGo = keepTouched(path, 5);
  assert.ok(isTouched(), 'at once');
  utimesSync(path, long, long);
  for (const end = Date.now() + hang; Date.now() < end && !isTouched(); ) await sleep(5);
  assert.ok(isTouched(), 'again');
  letGo();
  utimesSync(path, long, long);
  await sleep(50);
  assert.not.ok(isTouched(), 'no more');
});

test.run();
