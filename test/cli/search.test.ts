import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import type { CrossValidation } from '#lockstep/views/crossvalidate/folds.js';
import type { SearchRecord } from '#lockstep/views/search/record.js';
import { commandSuite, lockstep, readJson, samples, tinyConfig, train } from '../support/command-helpers.js';
import { endingAfter, epochsOf, going } from '../support/signal-helpers.js';

const test = commandSuite('the search and crossvalidate commands');

const space = {
  'optimizer.learningRate': { logUniform: [0.001, 0.2] },
  'model.layers.0.outChannels': { integer: [2, 4] },
};
const halving = { type: 'successiveHalving', trials: 3, factor: 3, leastEpochs: 1 };

const putSearch = (folder: string, more: object = {}) =>
  writeFileSync(
    join(folder, 'search.json'),
    JSON.stringify({ config: 'config.json', space, method: halving, ...more }),
  );

async function well(folder: string, ...args: string[]) {
  const ended = await lockstep(folder, ...args);
  assert.is(ended.code, 0, `exit code ${ended.code}\n${ended.stdout}${ended.stderr}`);
  return ended;
}

async function badly(folder: string, code: number, ...args: string[]): Promise<string> {
  const ended = await lockstep(folder, ...args);
  assert.is(ended.code, code, `exit code ${ended.code}\n${ended.stdout}${ended.stderr}`);
  assert.not.match(ended.stderr, /^\s+at /m);
  return ended.stderr;
}

const sha = (...path: string[]) => readJson(...path, 'summary.json').weightsSha256;

test('halving: killed twice and started again, the same result; the best is the training of its config', async ({
  folder,
  dataset,
}) => {
  const tiny = tinyConfig(dataset);
  const at = folder({ ...tiny, training: { ...tiny.training, epochs: 40 } });
  putSearch(at);
  const args = ['search', 'search.json', '--quiet', '--out', 'out'];
  const of = (trial: number) => join(at, 'out', `trial-${trial}`);
  await endingAfter(going(at, 'lockstep', args), ({ until }) =>
    until(() => existsSync(join(of(1), 'summary.json'))),
  );
  const inLastRung = () => [1, 2, 3].some((trial) => epochsOf(of(trial)) > 5);
  await endingAfter(going(at, 'lockstep', args), ({ until }) => until(inLastRung));
  const { stdout } = await well(at, ...args);
  const [record, whole] = [
    readJson(at, 'out', 'search.json') as SearchRecord,
    folder(readJson(at, 'config.json')),
  ];
  putSearch(whole);
  const other = await well(whole, ...args);
  assert.is(other.stdout, stdout);
  assert.is(
    readFileSync(join(at, 'out', 'search.json'), 'utf8'),
    readFileSync(join(whole, 'out', 'search.json'), 'utf8'),
  );
  assert.equal(
    record.rungs.map(({ epochs, trials }) => [epochs, trials.length]),
    [
      [1, 3],
      [40, 1],
    ],
  );
  assert.equal(readdirSync(join(at, 'out')).sort(), [
    'search.html',
    'search.json',
    'trial-1',
    'trial-2',
    'trial-3',
  ]);
  const best = `out/trial-${record.best}`;
  const alone = await train(at, '--quiet', '--config', `${best}/config.json`, '--out', 'alone');
  assert.is(alone.code, 0, alone.stderr);
  assert.is(sha(at, 'alone'), sha(at, best));
});

test('a schedule that depends on the epochs is trained anew in each rung', async ({ folder, dataset }) => {
  const tiny = tinyConfig(dataset);
  const at = folder({ ...tiny, optimizer: { ...tiny.optimizer, schedule: { type: 'cosine' } } });
  putSearch(at, { method: { ...halving, trials: 2, factor: 2 } });
  await well(at, 'search', 'search.json', '--quiet', '--out', 'out', '--epochs', '2');
  const { best } = readJson(at, 'out', 'search.json') as SearchRecord;
  assert.equal(
    readdirSync(join(at, 'out'))
      .filter((name) => name.startsWith('trial'))
      .sort(),
    ['trial-1-epochs-1', 'trial-2-epochs-1', `trial-${best}`].sort(),
  );
});

test('random search with folds, a trial that diverges, trials of the same values', async ({ folder }) => {
  const at = folder();
  const rates = { 'optimizer.learningRate': { values: [0.01, 1e30] } };
  putSearch(at, { space: rates, method: { type: 'random', trials: 4 }, folds: 2, metric: 'loss' });
  const args = ['search', 'search.json', '--quiet', '--out', 'out', '--epochs', '1'];
  const { stdout } = await well(at, ...args);
  const { best, trials } = readJson(at, 'out', 'search.json') as SearchRecord;
  const rate = (index: number) => trials[index]!.values['optimizer.learningRate'];
  assert.is(rate(0), 0.01);
  assert.is(trials[0]!.trial, best);
  assert.is(rate(3), 1e30);
  assert.is(trials[3]!.score, null);
  assert.match(stdout, /diverged/);
  const [first, second] = trials[0]!.runs.map(
    ({ directory }) => readJson(at, directory, 'metrics.jsonl').validation,
  );
  assert.is(first.samples + second.samples, samples.train + samples.validation);
  assert.ok(Math.abs(trials[0]!.score!.loss - (first.loss + second.loss) / 2) < 1e-12);
  const names = readdirSync(join(at, 'out')).filter((name) => name.startsWith('trial'));
  // Two runs of the good value; one of the other, which diverges in its first fold.
  assert.is(names.length, 3, `${names}`);
  assert.ok(statSync(join(at, 'out', 'search.html')).size > 10_000);
});

test('a reader that leaves, and a signal while a training starts: the exit codes of train', async ({
  folder,
  dataset,
}) => {
  const tiny = tinyConfig(dataset);
  const at = folder({ ...tiny, training: { ...tiny.training, epochs: 4000 } });
  putSearch(at, { method: { type: 'random', trials: 1 } });
  const args = ['search', 'search.json', '--out'];
  const entry = fileURLToPath(new URL('../../lockstep.js', import.meta.url));
  const child = spawn(process.execPath, [entry, ...args, 'left'], { cwd: at });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  while (child.exitCode === null && epochsOf(join(at, 'left', 'trial-1')) < 2) await setTimeout(20);
  child.stdout.destroy();
  child.stderr.destroy();
  assert.is(await ended, 5);
  assert.is(readJson(at, 'left', 'trial-1', 'summary.json').status, 'stopped');
  const starting = going(at, 'lockstep', [...args, 'signalled']);
  await endingAfter(starting, async ({ until, said, send, ended }) => {
    await until(() => said().includes('training trial-1'));
    await setTimeout(100); // so that its process is there
    send('SIGINT');
    assert.is(await ended, 130);
  });
});

test('by balanced top-1, which the config has to measure', async ({ folder }) => {
  const at = folder();
  const rates = { 'optimizer.learningRate': { values: [0.01, 0.02] } };
  const random = { space: rates, method: { type: 'random', trials: 2 } };
  putSearch(at, { ...random, metric: 'balancedTop1' });
  const args = ['search', 'search.json', '--quiet', '--out', 'out', '--epochs', '1'];
  assert.match(await badly(at, 2, ...args), /trial 1 would not measure.*--set training\.bestBy=balancedTop1/);
  assert.not.ok(existsSync(join(at, 'out')));
  putSearch(at, random); // by what the config goes by
  const { stdout } = await well(at, ...args, '--set', 'training.bestBy=balancedTop1');
  assert.match(stdout, /Balanced top-1/);
  assert.match(stdout, /best: trial \d, validation balanced top-1 \d/);
  const { trials } = readJson(at, 'out', 'search.json') as SearchRecord;
  const [first, second] = trials.map(({ score }) => score!.balancedTop1!);
  assert.ok(first! >= second!);
  const run = readJson(at, trials[0]!.runs[0]!.directory, 'metrics.jsonl');
  assert.is(run.validation.balancedTop1, first);
  assert.match(readFileSync(join(at, 'out', 'search.html'), 'utf8'), /validation balanced top-1/);
});

test('crossvalidate: each fold validates once; means; started again it trains nothing', async ({
  folder,
}) => {
  const at = folder();
  const args = ['crossvalidate', '--config', 'config.json', '--folds', '3', '--epochs', '2', '--out', 'out'];
  const { stdout } = await well(at, ...args);
  const validation = readJson(at, 'out', 'crossvalidate.json') as CrossValidation;
  const { folds, mean } = validation;
  assert.is(
    folds.reduce((sum, { images }) => sum + images!, 0),
    samples.train + samples.validation,
  );
  const summaries = folds.map(({ directory }) => readJson(at, directory, 'summary.json'));
  for (const { final } of summaries) assert.is(final.test.samples, samples.test);
  const loss = summaries.reduce((sum, { final }) => sum + final.validation.loss / 3, 0);
  assert.ok(Math.abs(mean!.last.loss - loss) < 1e-12);
  const again = await well(at, ...args);
  assert.is(again.stdout, stdout);
  assert.not.match(again.stderr, /training/);
  const config = readJson(at, 'out', 'fold-2', 'config.json');
  assert.equal(config.data.split.fold, { index: 2, of: 3 });
});

test('bad searches: what is wrong, before anything is trained', async ({ folder }) => {
  const at = folder();
  putSearch(at, { space: { 'optimizer.learningrate': { values: [1] } } });
  assert.match(
    await badly(at, 2, 'search', 'search.json'),
    /optimizer\.learningrate: unknown key; did you mean "learningRate"\? \(from search\.json, trial 1: optimizer\.learningrate = 1\)/,
  );
  putSearch(at, { space: { 'model.layers.0.kernelSize': { values: [99] } } });
  assert.match(await badly(at, 2, 'search', 'search.json'), /layers\[0\]|conv1|kernel/);
  putSearch(at, { method: { ...halving, leastEpochs: 4 } });
  assert.match(
    await badly(at, 2, 'search', 'search.json'),
    /leastEpochs is 4, but the config trains 3 epochs/,
  );
  putSearch(at, { space: { 'data.split.fold.index': { values: [1, 2] } } });
  assert.match(await badly(at, 2, 'search', 'search.json', '--folds', '2'), /"folds" cuts the folds/);
  putSearch(at, { config: undefined });
  assert.match(
    await badly(at, 2, 'search', 'search.json'),
    /names no config; put "config" there, or give --config/,
  );
  assert.match(
    await badly(at, 2, 'search', 'none.json'),
    /none\.json: the search cannot be read: there is no such file/,
  );
  assert.match(
    await badly(at, 2, 'crossvalidate', '--config', 'config.json', '--folds', '1'),
    /--folds is 1, but needs a whole number from 2 to 100/,
  );
  writeFileSync(join(at, 'search.json'), '{"space": }');
  assert.match(await badly(at, 2, 'search', 'search.json'), /search\.json:1:11: not JSON/);
  assert.not.ok(existsSync(join(at, 'runs')));
});

test.run();
