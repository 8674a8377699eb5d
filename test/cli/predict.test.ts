import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import * as assert from 'uvu/assert';
import { openDataset } from '#lockstep/data/open.js';
import { judgeSamples } from '#lockstep/evaluation/evaluate.js';
import { type Classified, classifyImages } from '#lockstep/inference/classify.js';
import { modelOfRun } from '#lockstep/inference/trained-model.js';
import { openRun } from '#lockstep/runs/saved-run.js';
import {
  classes,
  commandSuite,
  type Ended,
  jsonLines,
  lockstep,
  trainWell,
} from '../support/command-helpers.js';
import { hang } from '../support/needing.js';

const test = commandSuite('the predict command');

/** The folder of the run, with `pictures/` beside it. */
let folder: string;
let dataset: string;

/** What lies in `pictures`, in the order in which it is found; the last two are no images. */
const pictures = [
  'a.png',
  'b, "quoted".png',
  'two\nlines.png',
  'sub/c.png',
  'sub/deep/d.png',
  'z/e.png',
  'notes.txt',
  '.hidden.png',
];

test.before(async (context) => {
  dataset = context.dataset;
  folder = context.folder();
  await trainWell(folder, '--out', 'run', '--threads', '1');
  for (const [i, name] of pictures.entries()) {
    mkdirSync(join(folder, 'pictures', name, '..'), { recursive: true });
    copyFileSync(join(dataset, `images/c${i % classes}/0.png`), join(folder, 'pictures', name));
  }
  symlinkSync('..', join(folder, 'pictures/sub/up'));
  mkdirSync(join(folder, 'broken'));
  for (const name of ['1.png', '3.png'])
    copyFileSync(join(dataset, 'images/c0/0.png'), join(folder, 'broken', name));
  writeFileSync(join(folder, 'broken/2.png'), 'this is no image');
});

const predict = (...args: readonly string[]): Promise<Ended> => lockstep(folder, 'predict', 'run', ...args);

async function predicted(...args: readonly string[]): Promise<Classified[]> {
  const { code, stdout, stderr } = await predict(...args);
  assert.is(code, 0, stderr);
  return jsonLines(stdout);
}

const imagesIn = (found: readonly Classified[]) => found.map(({ image }) => image);
const found = pictures.slice(0, 6).map((name) => join('pictures', name));

test('gives each image of the dataset what an evaluation makes of it, on any number of threads', async () => {
  const run = openRun(join(folder, 'run'));
  const model = modelOfRun(run, 'last');
  const data = await openDataset({ ...run.config.data, cache: join(folder, 'data/packed') }, { threads: 1 });
  const images = Array.from({ length: classes }, (_, label) =>
    ['6', '7'].map((name) => join(dataset, `images/c${label}/${name}.png`)),
  ).flat();
  for (const [threads, tta] of [
    [1, 'none'],
    [3, 'none'],
    [2, 'shifts'],
  ] as const) {
    const { predicted, confidence } = await judgeSamples(model, data, 'test', { threads: 1, tta });
    const all: Classified[] = [];
    for await (const each of classifyImages(model, images, { threads, top: 99, tta })) all.push(each);
    assert.equal(imagesIn(all), images);
    for (const [i, each] of all.entries()) {
      assert.ok('predictions' in each);
      const { predictions } = each;
      assert.is(predictions.length, classes);
      assert.equal([predictions[0]!.label, predictions[0]!.probability], [predicted[i], confidence[i]]);
      assert.is(predictions[0]!.class, `class ${predicted[i]}`);
      const sum = predictions.reduce((sum, { probability }) => sum + probability, 0);
      assert.ok(Math.abs(sum - 1) < 1e-6);
    }
  }
});

test('takes files, folders and patterns, in the order in which they are given', async () => {
  const all = await predicted('pictures/z/e.png', 'pictures', 'pictures/**/{c,d}.p?g', 'pictures/[ab].png');
  assert.equal(imagesIn(all), [
    'pictures/z/e.png',
    ...found,
    'pictures/sub/c.png',
    'pictures/sub/deep/d.png',
    'pictures/a.png',
  ]);
  assert.equal(
    all.map((each) => 'predictions' in each && each.predictions.length),
    all.map(() => 5),
  );
});

test('takes paths from stdin, and answers each while it waits for the next', async () => {
  const entry = fileURLToPath(new URL('../../lockstep.js', import.meta.url));
  const child = spawn(process.execPath, [entry, 'predict', 'run', '-', '--top', '1'], {
    cwd: folder,
    timeout: hang,
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stdin.write('pictures/a.png\r\n\npictures/z\n');
  while (child.exitCode === null && child.signalCode === null && stdout.split('\n').length < 3)
    await sleep(5);
  child.stdin.end('pictures/sub/c.png');
  const [code] = await once(child, 'close');
  assert.is(code, 0);
  assert.equal(imagesIn(jsonLines(stdout)), ['pictures/a.png', 'pictures/z/e.png', 'pictures/sub/c.png']);
});

test('csv quotes what has commas, quotes or newlines', async () => {
  const { stdout, code } = await predict(
    'pictures',
    'broken',
    '--format',
    'csv',
    '--top',
    '2',
    '--skip-bad-images',
  );
  assert.is(code, 0);
  const [header, ...rows] = parse(stdout) as string[][];
  assert.equal(header, ['image', 'class1', 'probability1', 'class2', 'probability2', 'error']);
  assert.equal(
    rows.map(([image]) => image),
    [...found, 'broken/1.png', 'broken/2.png', 'broken/3.png'],
  );
  for (const [image, name, probability, , , error] of rows) {
    if (image === 'broken/2.png') {
      assert.is(name, '');
      assert.match(error!, /it is no image/);
    } else {
      assert.match(name!, /^class \d$/);
      assert.ok(Number(probability) > 0 && Number(probability) <= 1 && error === '');
    }
  }
});

test('a table has no control characters', async () => {
  const { stdout } = await predict('pictures', '--format', 'table', '--top', '1');
  assert.is(stdout.trimEnd().split('\n').length, 2 * found.length);
  assert.match(stdout, /two\\nlines\.png\n +\d+\.\d\d% {2}class \d\n/);
});

test('a broken image ends it, after the ones before it', async () => {
  const { code, stdout, stderr } = await predict('broken');
  assert.is(code, 3);
  assert.equal(imagesIn(jsonLines(stdout)), ['broken/1.png']);
  assert.match(stderr, /^error: broken\/2\.png cannot be used: it is no image.*--skip-bad-images/);
});

test('or is told in its place', async () => {
  const { code, stdout, stderr } = await predict('broken', 'nowhere.png', '--skip-bad-images');
  assert.is(code, 0);
  const all = jsonLines(stdout) as Classified[];
  assert.equal(imagesIn(all), ['broken/1.png', 'broken/2.png', 'broken/3.png', 'nowhere.png']);
  assert.match('error' in all[1]! ? all[1].error : '', /it is no image/);
  assert.is('error' in all[3]! && all[3].error, 'no such file');
  assert.match(stderr, /2 of 4 images cannot be used/);
});

test('says what is wrong with the command line', async () => {
  const faults = await Promise.all([predict(), predict('-', 'pictures'), predict('pictures', '--top', '0')]);
  for (const [i, words] of [/which images/, /- reads all paths/, /--top is 0/].entries()) {
    assert.is(faults[i]!.code, 2);
    assert.match(faults[i]!.stderr, words);
  }
  const none = await predict('pictures/*.webp');
  assert.is(none.code, 3);
  assert.match(none.stderr, /pictures\/\*\.webp matches no image/);
});

test('what follows -- are paths, whatever they begin with', async () => {
  copyFileSync(join(dataset, 'images/c0/0.png'), join(folder, '-dash.png'));
  const images = imagesIn(await predicted('--format', 'jsonl', '--', '-dash.png', 'pictures/a.png'));
  assert.equal(
    images.map((image) => normalize(image)),
    ['-dash.png', join('pictures', 'a.png')],
  );
});

test('ends when its reader leaves, without a word', async () => {
  const entry = fileURLToPath(new URL('../../lockstep.js', import.meta.url));
  const child = spawn(process.execPath, [entry, 'predict', 'run', '-'], { cwd: folder, timeout: hang });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => {});
  // More than there is room for: it is read only as far as it is worked on.
  child.stdin.write('pictures/a.png\n'.repeat(20_000));
  await once(child.stdout, 'data');
  child.stdout.destroy();
  await once(child, 'exit');
  assert.is(stderr, '');
  assert.is(child.signalCode, null);
});

test.run();
