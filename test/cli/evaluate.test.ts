import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { openDataset } from '#lockstep/data/open.js';
import { openSource } from '#lockstep/data/sources/open.js';
import { evaluateModel } from '#lockstep/evaluation/evaluate.js';
import type { EvaluatedSplit, Scores } from '#lockstep/evaluation/scores.js';
import { modelOfRun, type WeightsChoice } from '#lockstep/inference/trained-model.js';
import { openRun } from '#lockstep/runs/saved-run.js';
import {
  classes,
  commandSuite,
  lockstep,
  readJson,
  samples,
  tinyConfig,
  trainWell,
} from '../support/command-helpers.js';

const test = commandSuite('the evaluate command');

/** The folder of a run of 6 classes without names, and of one of classes that are folders. */
let folder: string;
let dataset: string;
let named: string;

/** Copies images into a folder for each class: `files` are numbers 0 to 7 of `images/cK`. */
function putFolders(dir: string, files: readonly number[], nameOf: (label: number) => string): void {
  for (let label = 0; label < classes; label++) {
    mkdirSync(join(dir, nameOf(label)), { recursive: true });
    for (const file of files) {
      const name = `${file}.png`;
      copyFileSync(join(dataset, `images/c${label}`, name), join(dir, nameOf(label), name));
    }
  }
}

const nameOf = (label: number) => `kind ${String.fromCharCode(97 + label)}`;

test.before(async (context) => {
  dataset = context.dataset;
  folder = context.folder();
  named = join(folder, 'named');
  putFolders(join(named, 'train'), [0, 1, 2, 3], nameOf);
  putFolders(join(named, 'val'), [4, 5], nameOf);
  putFolders(join(named, 'test'), [6, 7], nameOf);
  await trainWell(folder, '--out', 'run');
  await trainWell(folder, '--out', 'named-run', '--data', named, '--epochs', '12');
});

/** The scores that the command prints, and what it says beside them. */
async function evaluate(
  ...args: readonly string[]
): Promise<Scores & { stderr: string; weights: string; tta: string }> {
  const { code, stdout, stderr } = await lockstep(folder, 'evaluate', ...args, '--json');
  assert.is(code, 0, stderr);
  return { ...JSON.parse(stdout), stderr };
}

/** The scores of a run's weights without a command: of its own dataset, or of the folder `dir`. */
async function scoresOf(
  name: string,
  split: EvaluatedSplit,
  weights: WeightsChoice,
  { threads = 2, dir }: { threads?: number; dir?: string } = {},
): Promise<Scores> {
  const run = openRun(join(folder, name));
  const data = {
    ...run.config.data,
    cache: join(folder, 'data/packed'),
    ...(dir && { dir: join(folder, dir) }),
  };
  const source = await openSource(data, { whole: split === 'all' });
  const packed = await openDataset(data, { threads: 1, source });
  return (await evaluateModel(modelOfRun(run, weights), packed, split, { threads })).scores;
}

/** What the user is told when the command ends with `code`, without a stack trace. */
async function fault(code: number, ...args: readonly string[]): Promise<string> {
  const ended = await lockstep(folder, 'evaluate', ...args);
  assert.is(ended.code, code, ended.stdout + ended.stderr);
  assert.match(ended.stderr, /^error: |\nerror: /);
  assert.not.match(ended.stderr, /^\s+at /m);
  return ended.stderr;
}

const figures = ({ samples, loss, top1, top5 }: Scores) => ({ samples, loss, top1, top5 });

test('has the very numbers of summary.json, of both weights, on any number of threads', async () => {
  const { final, best } = readJson(folder, 'run/summary.json');
  for (const threads of [1, 2, 3]) {
    for (const split of ['train', 'validation', 'test'] as const) {
      assert.equal(figures(await scoresOf('run', split, 'last', { threads })), final[split]);
      if (split === 'train') continue;
      assert.equal(figures(await scoresOf('run', split, 'best', { threads })), best[split]);
    }
  }
});

test('prints tables, or JSON, and writes it', async () => {
  const { code, stdout, stderr } = await lockstep(folder, 'evaluate', 'run');
  assert.is(code, 0, stderr);
  for (const words of [/loss, nats +\d/, /top-1 +\d.* to /, /macro F1/, /class 5/, /taken for|100\.00%/]) {
    assert.match(stdout, words);
  }
  const json = await lockstep(folder, 'evaluate', 'run', '--weights', 'last', '--json', '--out', 'own.json');
  assert.is(readFileSync(join(folder, 'own.json'), 'utf8'), json.stdout);
  const found = readJson(folder, 'own.json');
  assert.equal(figures(found), readJson(folder, 'run/summary.json').final.test);
  assert.is(found.weights, 'last');
  for (const { image, class: name, predicted, confidence } of found.mistakes) {
    assert.match(image, /\.png$/);
    assert.ok(name !== predicted && confidence > 0 && confidence <= 1);
  }
  assert.is(
    found.confusion.reduce((sum: number, { samples }: { samples: number }) => sum + samples, 0),
    12,
  );
});

test('a file that cannot be written does not take the scores with it', async () => {
  const { code, stdout, stderr } = await lockstep(folder, 'evaluate', 'run', '--out', 'gone/scores.json');
  assert.is(code, 5);
  assert.match(stderr, /error: gone\/scores\.json cannot be written/);
  assert.match(stdout, /macro F1/);
});

test('takes splits, bins, a level, resamples and a seed', async () => {
  const options = ['--bins', '4', '--level', '0.8', '--resamples', '500', '--seed', '9'];
  const found = await evaluate('run', '--split', 'validation', ...options);
  assert.equal([found.split, found.samples], ['validation', samples.validation]);
  assert.is(found.calibration.bins.length, 4);
  const { level, resamples, seed } = found.intervals;
  assert.equal({ level, resamples, seed }, { level: 0.8, resamples: 500, seed: 9 });
});

test('all is the three splits together', async () => {
  const { final } = readJson(folder, 'run/summary.json');
  const all = await scoresOf('run', 'all', 'last');
  assert.is(all.samples, samples.train + samples.validation + samples.test);
  const hits = (['train', 'validation', 'test'] as const).map(
    (split) => final[split].top1 * final[split].samples,
  );
  assert.is(all.top1, hits.reduce((sum, own) => sum + own, 0) / all.samples);
});

test('evaluates views of an image together, and says so', async () => {
  const { tta, loss, stderr, ...scores } = await evaluate('named-run', '--tta', 'shifts');
  assert.is(tta, 'shifts');
  const plain = await evaluate('named-run');
  assert.is(plain.tta, 'none');
  assert.is.not(loss, plain.loss);
  assert.is(scores.samples, plain.samples);
  const { stdout } = await lockstep(folder, 'evaluate', 'named-run', '--tta', 'shifts');
  assert.match(stdout, /--tta shifts: logits are the mean over the image and its mirror image/);
});

test('matches the classes of another dataset by their names', async () => {
  const own = await scoresOf('named-run', 'all', 'last');
  // The same images, with the classes in another order.
  const other = join(folder, 'reversed');
  for (const [split, files] of [
    ['train', [0, 1, 2, 3]],
    ['val', [4, 5]],
    ['test', [6, 7]],
  ] as const) {
    putFolders(join(other, split), files, nameOf);
  }
  const names = Array.from({ length: classes }, (_, label) => nameOf(classes - 1 - label));
  writeFileSync(join(other, 'classes.txt'), names.join('\n'));
  const found = await scoresOf('named-run', 'all', 'last', { dir: 'reversed' });
  assert.equal(
    found.classes.map(({ name }) => name),
    names.toReversed(),
  );
  assert.equal(found.classes, own.classes);
  assert.equal(found.confusion, own.confusion);
  assert.ok(own.top1 > 0.5, 'it has learnt something, so a wrong order would show');
});

test('takes all of a folder that has no splits, however few its images are', async () => {
  putFolders(join(folder, 'few'), [6], nameOf);
  assert.is((await scoresOf('named-run', 'all', 'best', { dir: 'few' })).samples, classes);
  // A broken image among them is named, or left out.
  writeFileSync(join(folder, 'few', nameOf(0), '0.png'), 'no image');
  assert.match(
    await fault(3, 'named-run', '--data', 'few', '--split', 'all'),
    /kind a\/0\.png: it is no image/,
  );
  const rest = await evaluate('named-run', '--data', 'few', '--split', 'all', '--skip-bad-images');
  assert.is(rest.samples, classes);
  assert.match(rest.stderr, /left out kind a\/0\.png/);
});

test('names the classes that one side lacks', async () => {
  putFolders(join(folder, 'others'), [0, 1, 2, 3], (label) => (label === 2 ? 'new kind' : nameOf(label)));
  const message = await fault(3, 'named-run', '--data', 'others');
  assert.match(message, /not in the dataset:\n {2}kind c\n/);
  assert.match(message, /not of the model:\n {2}new kind\n/);
});

test('a model or a dataset without names is matched by number, with a note', async () => {
  const found = await evaluate('run', '--data', named);
  assert.match(found.stderr, /note: the model has no names of classes/);
  const other = await evaluate('named-run', '--data', dataset);
  assert.match(other.stderr, /note: the dataset has no names of classes/);
});

test("the training's normalization counts, whatever the dataset's is", async () => {
  // Of these images alone, so the mean is another.
  putFolders(join(folder, 'bright'), [6, 7], nameOf);
  const bright = await scoresOf('named-run', 'all', 'last', { dir: 'bright' });
  assert.equal(figures(bright), readJson(folder, 'named-run/summary.json').final.test);
});

test('says what is wrong with the run, the data and the command line', async () => {
  assert.match(await fault(2, 'nowhere'), /nowhere is no run directory/);
  assert.match(await fault(3, 'run', '--data', 'nowhere'), /nowhere: no such folder/);
  assert.match(await fault(2, 'run', '--bins', '1.5'), /--bins is 1.5, but needs a whole number from 1/);
  assert.match(await fault(2, 'run', '--level', '1'), /--level is 1, but needs a number between/);
  mkdirSync(join(folder, 'empty-run'));
  copyFileSync(join(folder, 'run/config.json'), join(folder, 'empty-run/config.json'));
  assert.match(await fault(2, 'empty-run'), /best\.safetensors is not there/);
});

test('names the folder that the training ran on where it is gone', async () => {
  const config = { ...tinyConfig('gone'), name: 'gone' };
  mkdirSync(join(folder, 'gone-run'));
  for (const name of readdirSync(join(folder, 'run'))) {
    copyFileSync(join(folder, 'run', name), join(folder, 'gone-run', name));
  }
  writeFileSync(join(folder, 'gone-run/config.json'), JSON.stringify(config));
  const message = await fault(3, 'gone-run');
  assert.match(message, /trained on gone, and from here there is no such folder/);
  assert.match(message, /--data/);
});

test('warns where the dataset has changed since', async () => {
  const message = await evaluate('named-run');
  assert.not.match(message.stderr, /warning/);
  writeFileSync(join(named, 'test', nameOf(0), '6.png'), readFileSync(join(dataset, 'images/c3/6.png')));
  const changed = await evaluate('named-run');
  assert.match(changed.stderr, /warning: .*named is not as it was/);
});

test('a damaged sample ends it', async () => {
  const cache = join(folder, 'data/packed');
  const run = openRun(join(folder, 'run'));
  const data = await openDataset({ ...run.config.data, cache }, { threads: 1 });
  assert.ok(existsSync(data.path));
  const bytes = readFileSync(data.path);
  bytes[data.splits.test.samplesOffset + 3]! ^= 1;
  writeFileSync(data.path, bytes);
  assert.match(await fault(3, 'run'), /sample 0 of test is damaged/);
});

test.run();
