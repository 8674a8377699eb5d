import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  classes,
  commandSuite,
  readJson,
  tinyConfig,
  train,
  trainBadly,
  trainWell,
} from '../support/command-helpers.js';

/** Configs on data that they were not written for. */
const test = commandSuite("data of one's own");

/** The tiny config with "classes" for their number. */
function openConfig(dataset: string) {
  const config = tinyConfig(dataset);
  const layers: object[] = [...config.model.layers];
  layers[layers.length - 1] = { type: 'dense', outFeatures: 'classes' };
  return { ...config, model: { ...config.model, layers } };
}

test("the number of classes is the data's, and stands in the run's config: weights as with the number", async (context) => {
  const [open, given] = [context.folder(openConfig(context.dataset)), context.folder()];
  for (const folder of [open, given]) await trainWell(folder, '--out', 'run', '--quiet');
  const run = (folder: string, file: string) => readJson(folder, 'run', file);
  assert.is(run(open, 'config.json').model.layers.at(-1).outFeatures, classes);
  assert.equal(run(open, 'config.json'), run(given, 'config.json'));
  assert.is(run(open, 'summary.json').weightsSha256, run(given, 'summary.json').weightsSha256);
});

/** A config whose own folder, `drawn`, is to hold drawn pictures. */
const drawingConfig = (dataset: string) => {
  const config = openConfig(dataset);
  const generate = { trainPerClass: 1, validationPerClass: 1, testPerClass: 1 };
  return { ...config, data: { ...config.data, dir: 'drawn', generate } };
};

test('a folder that the command line names is never drawn into: --data and --set data.dir are the same', async (context) => {
  const folder = context.folder(drawingConfig(context.dataset));
  mkdirSync(join(folder, 'pictures'));
  for (const args of [
    ['--data', 'pictuers'],
    ['--set', 'data.dir=pictuers'],
  ]) {
    const said = await trainBadly(folder, 3, '--config', 'config.json', ...args);
    assert.match(said, 'pictuers: no such folder; did you mean pictures? Expected');
  }
  assert.equal(readdirSync(folder).sort(), ['config.json', 'pictures']);
  const dir = ['--set', `data.dir=${context.dataset}`];
  await trainWell(folder, ...dir, '--out', 'run', '--quiet');
  const { data, model } = readJson(folder, 'run', 'config.json');
  assert.equal([data.dir, 'generate' in data], [context.dataset, false]);
  assert.is(model.layers.at(-1).outFeatures, classes);
});

test('pictures are drawn where config or command line say so, and the config says what was done with another folder', async (context) => {
  const folder = context.folder(drawingConfig(context.dataset));
  const few = JSON.stringify({ seed: 5, trainPerClass: 2, validationPerClass: 1, testPerClass: 1 });
  await trainWell(folder, '--set', 'data.dir=more', '--set', `data.generate=${few}`, '--out', 'a', '--quiet');
  assert.ok(existsSync(join(folder, 'more/drawn.json')));
  assert.is(readJson(folder, 'a', 'config.json').data.generate.seed, 5);
  const config = drawingConfig(context.dataset);
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({ ...config, data: { ...config.data, dir: context.dataset } }),
  );
  const { code, stderr, stdout } = await train(folder, '--config', 'config.json', '--out', 'b');
  assert.is(code, 0, stderr);
  assert.match(
    stdout,
    /holds something else than drawn pictures: it is read as it is, without data\.generate/,
  );
  assert.not.ok('generate' in readJson(folder, 'b', 'config.json').data);
});

test('one class is nothing to tell apart: exit code 3', async (context) => {
  const folder = context.folder(openConfig(context.dataset));
  const image = join(context.dataset, 'images/c0/0.png');
  mkdirSync(join(folder, 'one/images'), { recursive: true });
  const names = Array.from({ length: 30 }, (_, i) => `images/${i}.png`);
  for (const name of names) copyFileSync(image, join(folder, 'one', name));
  writeFileSync(join(folder, 'one/train.txt'), names.map((name) => `${name} cat\n`).join(''));
  const said = await trainBadly(folder, 3, '--config', 'config.json', '--data', 'one');
  assert.match(said, 'one: all images are of one class, "cat"; expected two classes or more');
});

test.run();
