import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '#lockstep/config/load.js';
import { completeConfig, withClasses } from '#lockstep/config/resolve.js';
import type { UserError } from '#lockstep/errors.js';
import { dataOfRun, inFolder } from '#lockstep/runs/run-data.js';
import { tinyConfig } from '../support/command-helpers.js';

const test = suite("a run's dataset");

const generate = { seed: 1, trainPerClass: 1, validationPerClass: 1, testPerClass: 1 };
const config = withClasses(
  completeConfig(parseConfig(tinyConfig('own'), 'own', ['data.source=csv', 'data.csv.label=breed']), 'own'),
  6,
);

test('another folder is read as the run reads its own; the command line says what is other', () => {
  const { data } = config;
  assert.equal(dataOfRun({ config }, { data: 'other' }), { ...data, dir: 'other' });
  assert.is(dataOfRun({ config }, { data: 'other', source: 'auto' }).source, 'auto');
  assert.is(dataOfRun({ config }, { data: 'other', skipBadImages: true }).skipBadImages, true);
});

test('nothing is drawn into another folder', () => {
  const drawn = { ...config.data, generate };
  assert.is(inFolder(drawn, 'other').generate, undefined);
  assert.is(dataOfRun({ config: { ...config, data: drawn } }, {}).generate, generate);
});

test('a folder that has gone is named as the run names it', () => {
  assert.throws(
    () => dataOfRun({ config }, {}),
    (error: UserError) => error.exitCode === 3 && /trained on own, and from here/.test(error.message),
  );
});

test.run();
