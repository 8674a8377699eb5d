import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { reportFailure } from '#lockstep/cli/failure.js';
import { ExitCode, UserError } from '#lockstep/errors.js';
import { createReporter, type LogOptions } from '#lockstep/runs/log.js';
import type { Reporter } from '#lockstep/runs/reporter.js';

/** An output that keeps what is written to it; cli-progress takes it for a terminal if `isTTY` says so. */
class Output {
  readonly isTTY: boolean;
  readonly columns = 120;
  text = '';
  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }
  write(text: string): boolean {
    this.text += text;
    return true;
  }
}

const split = { samples: 1000, loss: 3.25, top1: 0.125, top5: 0.5 };

/** A run of one epoch, told to `reporter`. */
function report(reporter: Reporter): void {
  reporter.dataProgress({ phase: 'decoding', done: 1, total: 2 });
  reporter.dataProgress({ phase: 'decoding', done: 2, total: 2 });
  reporter.start({
    name: 'tiny',
    parameters: 65406,
    layers: 12,
    samples: { train: 10_000, validation: 1000, test: 1000 },
    threads: 2,
    batchSize: 64,
    epochs: 1,
    directory: 'runs/tiny',
    trainLossWith: [],
  });
  reporter.step({
    epoch: 1,
    epochs: 1,
    step: 100,
    steps: 200,
    loss: 3.5,
    top1: 0.1,
    imagesPerSecond: 640,
    learningRate: 0.1,
    load: [1, 0.5],
    rankLoad: [1],
  });
  reporter.note('decided');
  reporter.warning('a\x1b[2Jb');
  reporter.epoch({
    epoch: 1,
    learningRate: 0.1,
    train: split,
    validation: split,
    seconds: 2,
    imagesPerSecond: 5000,
    best: true,
  });
  reporter.end({
    metrics: { train: split, validation: split, test: split },
    best: { epoch: 1, validation: split, test: split },
    bestBy: 'top1',
    isBest: true,
    end: { reason: 'epochs', epochs: 1, steps: 0 },
    why: null,
    directory: 'runs/tiny',
    seconds: 125,
    weightsHash: 'c0ffee',
  });
  reporter.error('broken');
  reporter.close();
}

function outputs(options: LogOptions, isTTY: boolean) {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-log-'));
  const [stdout, stderr] = [new Output(isTTY), new Output(isTTY)];
  const reporter = createReporter({ ...options, stdout, stderr });
  reporter.dataProgress({ phase: 'drawing', done: 0, total: 1 });
  reporter.logTo(join(folder, 'log.jsonl'));
  report(reporter);
  const log = readFileSync(join(folder, 'log.jsonl'), 'utf8');
  rmSync(folder, { recursive: true });
  return { stdout: stdout.text, stderr: stderr.text, log };
}

const events = (lines: string): string[] =>
  lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).event);

const all = ['data', 'data', 'data', 'start', 'note', 'warning', 'epoch', 'end', 'error'];
const test = suite('reporters');

test('the log file gets every line, those from before it was named too, in every format', () => {
  for (const quiet of [false, true])
    for (const format of ['auto', 'pretty', 'json'] as const)
      for (const isTTY of [false, true]) assert.equal(events(outputs({ format, quiet }, isTTY).log), all);
});

test('stdout that is no terminal, or --log-format json, gets the same JSON lines', () => {
  for (const { stdout, log } of [outputs({}, false), outputs({ format: 'json' }, true)]) {
    assert.equal(events(stdout), all);
    const epoch = JSON.parse(log.split('\n')[6]!);
    assert.equal([epoch.level, epoch.epoch, epoch.best, epoch.validation], [30, 1, true, split]);
    assert.not.ok('hostname' in epoch);
  }
});

test('a terminal gets a heading, a bar, a line an epoch and a table', () => {
  const { stdout, stderr } = outputs({}, true);
  assert.match(stdout, '  model      12 layers, 65,406 parameters\n');
  assert.match(stdout, '  samples    10,000 train, 1,000 validation, 1,000 test\n');
  assert.match(stdout, '  training   1 epoch, batches of 64, 2 threads\n');
  assert.match(
    stdout,
    'epoch 1/1 [==========          ] 100/200  loss 3.5000  top-1 10.00%  640 images/s  10.0 s left',
  );
  assert.match(
    stdout,
    'epoch 1/1  train  3.2500  12.50%  validation  3.2500  12.50%    5,000 images/s    2.0 s  \x1b[32mbest',
  );
  assert.match(stdout, 'test         3.2500   12.50%   50.00%\n');
  assert.match(stdout, '2 min 05 s, weights SHA-256 c0ffee\nfiles in runs/tiny\n');
  assert.is(stderr, '\x1b[31merror:\x1b[0m broken\n');
});

test('a dataset in the making is told in images, bytes or files', () => {
  const stdout = new Output(true);
  const reporter = createReporter({ stdout, stderr: new Output(false) });
  reporter.dataProgress({ phase: 'downloading', done: 12_345_678, total: 170_052_171 });
  reporter.dataProgress({ phase: 'downloading', done: 170_052_171, total: 170_052_171 });
  reporter.dataProgress({ phase: 'unpacking', done: 120_609, total: 120_609 });
  reporter.dataProgress({ phase: 'drawing', done: 12_000, total: 12_000 });
  reporter.close();
  assert.match(stdout.text, 'downloading [=                   ] 12.3/170.1 MB');
  assert.match(stdout.text, 'downloaded 170.1 MB\n');
  assert.match(stdout.text, 'unpacked 120,609 files\n');
  assert.match(stdout.text, 'drew 12,000 images\n');
});

test('pretty without a terminal has neither bars nor colours', () => {
  const { stdout, stderr } = outputs({ format: 'pretty' }, false);
  assert.not.ok((stdout + stderr).includes('\x1b'));
  assert.not.ok(stdout.includes('100/200'));
  assert.match(stdout, 'epoch 1/1  train');
});

test('what a message says cannot steer the terminal', () => {
  assert.match(outputs({}, true).stdout, 'warning:\x1b[0m a\\u001b[2Jb\n');
});

test('quiet shows only errors, on stderr', () => {
  assert.equal(outputs({ quiet: true }, true).stdout, '');
  assert.match(outputs({ quiet: true }, true).stderr, /error:.* broken\n$/);
  const { stdout, stderr } = outputs({ quiet: true, format: 'json' }, false);
  assert.is(stdout, '');
  assert.is(stderr, 'error: broken\n');
});

test('a log whose last line was cut off goes on with a line of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-log-'));
  const path = join(folder, 'log.jsonl');
  writeFileSync(path, '{"event":"note"}\n{"event":"ep');
  const reporter = createReporter({ quiet: true });
  reporter.logTo(path);
  reporter.note('more');
  const lines = readFileSync(path, 'utf8').split('\n');
  rmSync(folder, { recursive: true });
  assert.equal(lines.slice(0, 2), ['{"event":"note"}', '{"event":"ep']);
  assert.is(JSON.parse(lines[2]!).msg, 'more');
});

test('an error is told, with its exit code, when the log is gone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-log-'));
  const [stdout, stderr] = [new Output(false), new Output(false)];
  const reporter = createReporter({ stdout, stderr });
  reporter.logTo(join(folder, 'log.jsonl'));
  rmSync(folder, { recursive: true });
  assert.throws(() => reporter.warning('a'), /log\.jsonl cannot be written: ENOENT/);
  reportFailure(new UserError('broken', ExitCode.environment), reporter);
  assert.is(process.exitCode, ExitCode.environment);
  process.exitCode = 0;
  assert.is(stderr.text, 'error: broken\n');
});

test.run();
