import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { parseSeeds } from '#lockstep/cli/compare.js';
import type { Comparison } from '#lockstep/views/compare/comparison.js';
import {
  classes,
  commandSuite,
  lockstep,
  readJson,
  samples,
  tinyConfig,
} from '../support/command-helpers.js';
import { hang } from '../support/needing.js';

const test = commandSuite('the compare command');

const layersOf = (channels: number) => [
  { type: 'conv2d', outChannels: channels, kernelSize: 3 },
  { type: 'relu' },
  { type: 'flatten' },
  { type: 'dense', outFeatures: channels === 2 ? 'classes' : classes },
];

/** Configs `small.json` and `large.json`, and what else is asked for. */
function putConfigs(folder: string, dataset: string, more: Record<string, object> = {}): void {
  const tiny = tinyConfig(dataset);
  const configs = {
    small: { ...tiny, name: 'small', model: { layers: layersOf(2) } },
    large: { ...tiny, name: 'large', model: { layers: layersOf(5) } },
    ...more,
  };
  for (const [name, config] of Object.entries(configs)) {
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(config));
  }
}

/** Runs the command, which must succeed. */
async function compareWell(folder: string, ...args: string[]) {
  const ended = await lockstep(folder, 'compare', ...args);
  assert.is(ended.code, 0, `exit code ${ended.code}\n${ended.stdout}${ended.stderr}`);
  return ended;
}

async function compareBadly(folder: string, code: number, ...args: string[]): Promise<string> {
  const ended = await lockstep(folder, 'compare', ...args);
  assert.is(ended.code, code, `exit code ${ended.code}\n${ended.stdout}${ended.stderr}`);
  assert.match(ended.stderr, /error: /);
  assert.not.match(ended.stderr, /^\s+at /m);
  return ended.stderr;
}

const read = (folder: string, out: string): Comparison => readJson(folder, out, 'compare.json');

test('one run of each config: the figures are those of their summaries', async ({ folder, dataset }) => {
  const at = folder();
  putConfigs(at, dataset);
  const { stdout } = await compareWell(at, 'small.json', 'large.json', '--epochs', '2', '--out', 'out');
  assert.equal(readdirSync(join(at, 'out')).sort(), [
    'compare.html',
    'compare.json',
    'compare.md',
    'large-seed1',
    'small-seed1',
  ]);
  const { entries, pairs } = read(at, 'out');
  for (const { name, parameters, multiplyAdds, top1, runs } of entries) {
    const { final, best } = readJson(at, 'out', `${name}-seed1`, 'summary.json');
    const channels = name === 'small' ? 2 : 5;
    assert.is(multiplyAdds, channels * 14 * 14 * 27 + channels * 14 * 14 * classes);
    assert.is(parameters, channels * 28 + (channels * 14 * 14 + 1) * classes);
    assert.equal(
      [top1?.train.mean, top1?.validation.mean, top1?.test.mean],
      [final.train.top1, final.validation.top1, final.test.top1],
    );
    assert.equal([top1?.bestValidation.mean, top1?.bestTest.mean], [best.validation.top1, best.test.top1]);
    const { low, high } = top1!.test.interval;
    assert.ok(low <= final.test.top1 && final.test.top1 <= high && high - low < 0.7);
    assert.is(runs[0]?.bestEpoch, best.epoch);
  }
  const [pair] = pairs;
  assert.equal([pairs.length, pair?.a, pair?.b, pair?.note], [1, 'small', 'large', null]);
  assert.is(pair?.result?.test, 'mcNemar');
  assert.is(pair?.result?.difference, entries[0]!.top1!.bestTest.mean - entries[1]!.top1!.bestTest.mean);
  const markdown = readFileSync(join(at, 'out', 'compare.md'), 'utf8');
  assert.match(markdown, `| small | ${(100 * entries[0]!.top1!.train.mean).toFixed(2)}% |`);
  assert.match(stdout, /exact McNemar test/);
});

test('what the folder holds already is not trained again, and nothing in it is lost', async ({
  folder,
  dataset,
}) => {
  const at = folder();
  putConfigs(at, dataset);
  const args = ['small.json', 'large.json', '--epochs', '1', '--seeds', '2', '--out', 'out'];
  await compareWell(at, ...args);
  const first = read(at, 'out');
  assert.equal(
    first.entries.map(({ runs }) => runs.map(({ seed }) => seed)),
    [
      [1, 2],
      [1, 2],
    ],
  );
  assert.is(first.pairs[0]?.result?.test ?? 'no spread', first.pairs[0]?.result ? 'welch' : 'no spread');
  // As if it was interrupted.
  rmSync(join(at, 'out/large-seed2/summary.json'));
  const written = () => statSync(join(at, 'out/small-seed1/model.safetensors')).mtimeMs;
  const before = written();
  const { stderr } = await compareWell(at, ...args);
  assert.match(stderr, /3 of 4 trainings are in out already/);
  assert.match(stderr, /going on with large-seed2 \(1 of 1\)/);
  assert.is(written(), before);
  assert.ok(existsSync(join(at, 'out/large-seed2/checkpoint.safetensors')));
  const second = read(at, 'out');
  assert.equal(
    second.entries[1]!.runs.map(({ directory }) => directory),
    ['out/large-seed1', 'out/large-seed2'],
  );
  assert.equal(
    second.entries.map(({ top1 }) => top1),
    first.entries.map(({ top1 }) => top1),
  );
  // Of another config.
  const third = await compareWell(at, 'small.json', '--epochs', '2', '--out', 'out');
  assert.match(third.stderr, /training small-seed1 \(1 of 1\)/);
  assert.is(read(at, 'out').entries[0]!.runs[0]!.directory, 'out/small-seed1-2');
});

test('a signal saves the training in progress, and the same command goes on with it', async ({
  folder,
  dataset,
}) => {
  const at = folder();
  putConfigs(at, dataset);
  const args = ['compare', 'small.json', 'large.json', '--epochs', '400', '--out', 'out'];
  const entry = fileURLToPath(new URL('../../lockstep.js', import.meta.url));
  const child = spawn(process.execPath, [entry, ...args], { cwd: at, timeout: hang });
  const metrics = join(at, 'out/small-seed1/metrics.jsonl');
  while (child.exitCode === null && !(existsSync(metrics) && readFileSync(metrics, 'utf8').includes('\n')))
    await sleep(5);
  child.kill('SIGTERM');
  assert.is((await once(child, 'exit'))[0], 143);
  assert.is(readJson(at, 'out/small-seed1/summary.json')['status'], 'stopped');
  const { stderr } = await compareWell(at, ...args.slice(1));
  assert.match(stderr, /going on with small-seed1 \(1 of 2\)/);
  assert.equal(
    readdirSync(join(at, 'out'))
      .filter((name) => name.includes('seed'))
      .sort(),
    ['large-seed1', 'small-seed1'],
  );
});

test('a training that diverges is one of the results', async ({ folder, dataset }) => {
  const at = folder();
  const tiny = tinyConfig(dataset);
  putConfigs(at, dataset, {
    wild: { ...tiny, name: 'wild', optimizer: { type: 'sgd', learningRate: 1e30 } },
  });
  const { stdout, stderr } = await compareWell(
    at,
    'wild.json',
    'small.json',
    '--epochs',
    '1',
    '--out',
    'out',
  );
  assert.match(stderr, /error: the .* is not finite/);
  assert.match(stdout, /wild +0 of 1, 1 diverged +–/);
  assert.match(stdout, /wild and small are not tested: the training of wild diverged\./);
  const { entries } = read(at, 'out');
  assert.equal(
    entries.map(({ runs, top1 }) => [runs[0]!.status, top1 === null]),
    [
      ['failed', true],
      ['completed', false],
    ],
  );
});

test('runs and configs together; names that are there twice get numbers; images that are gone', async ({
  folder,
  dataset,
}) => {
  const at = folder();
  // A dataset of its own, to be taken away.
  const own = join(at, 'set');
  cpSync(dataset, own, { recursive: true });
  putConfigs(at, own);
  await compareWell(at, 'small.json', '--epochs', '1', '--out', 'out');
  await compareWell(at, 'out/small-seed1', 'small.json', '--epochs', '2', '--out', 'both');
  const { entries, pairs } = read(at, 'both');
  assert.equal(
    entries.map(({ name, from, epochs }) => [name, from, epochs]),
    [
      ['small', 'out/small-seed1', 1],
      ['small-2', 'small.json', 2],
    ],
  );
  assert.is(pairs[0]?.result?.test, 'mcNemar');
  const runs = ['out/small-seed1', 'both/small-2-seed1'];
  renameSync(own, join(at, 'moved'));
  await compareWell(at, ...runs, '--out', 'gone');
  const gone = read(at, 'gone').pairs[0]!;
  assert.is(gone.result?.test, 'fisher');
  assert.match(gone.note!, /so they are not compared image by image/);
  assert.match(await compareBadly(at, 2, ...runs, '--seeds', '3'), /--seeds changes configs/);
  await compareWell(at, ...runs, '--out', 'found', '--data', 'moved');
  assert.equal(read(at, 'found').pairs, pairs);
  // Fewer test images than the training had.
  const list = join(at, 'moved/test.txt');
  const lines = readFileSync(list, 'utf8').split('\n');
  writeFileSync(list, lines.slice(1).join('\n'));
  await compareWell(at, ...runs, '--out', 'changed', '--data', 'moved');
  const changed = read(at, 'changed').pairs[0]!;
  assert.is(changed.result?.test, 'fisher');
  assert.match(
    changed.note!,
    new RegExp(`have changed: .* of ${samples.test - 1} of them now, .* of ${samples.test};`),
  );
});

test('what is wrong is told before anything is trained', async ({ folder, dataset }) => {
  const at = folder();
  const tiny = tinyConfig(dataset);
  const layers = [{ type: 'flatten' }, { type: 'dense', outFeatures: 3 }];
  putConfigs(at, dataset, { faulty: { ...tiny, name: 'faulty', model: { layers } } });
  mkdirSync(join(at, 'empty'));
  cpSync(join(at, 'config.json'), join(at, 'unfinished/config.json'));
  const faults: [RegExp, ...string[]][] = [
    [/model\.layers\.1\.outFeatures=classes/, 'small.json', 'faulty.json'],
    [/nowhere\.json: .*no such file/, 'small.json', 'nowhere.json'],
    [/empty is no run directory/, 'small.json', 'empty'],
    [/unfinished holds a run that has not ended/, 'small.json', 'unfinished'],
    [/--seeds is 0, but needs how many/, 'small.json', '--seeds', '0'],
  ];
  await Promise.all(
    faults.map(async ([message, ...args]) =>
      assert.match(await compareBadly(at, 2, ...args, '--out', 'out'), message),
    ),
  );
  assert.not(existsSync(join(at, 'out/small-seed1')));
});

test('seeds are counted or listed', () => {
  assert.equal(parseSeeds('3'), [1, 2, 3]);
  assert.equal(parseSeeds('3,7, 0'), [3, 7, 0]);
  for (const text of ['0', '-1', 'x', '', '1,1', '1.5', '1001', '4294967296,1', '1,']) {
    assert.throws(() => parseSeeds(text), /--seeds is .*, but needs how many/, text);
  }
});

test.run();
