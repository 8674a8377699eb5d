import * as assert from 'uvu/assert';
import { classes, commandSuite, readJson, tinyConfig, trainWell } from './command-helpers.js';

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

test.run();
