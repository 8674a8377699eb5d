import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { EpochMetrics } from '#lockstep/runs/metrics.js';
import { rungsOf } from '#lockstep/search/rungs.js';
import { runSearch } from '#lockstep/search/search.js';
import { parseSearch } from '#lockstep/search/search-file.js';
import { trialValues } from '#lockstep/search/space.js';
import { searchPage } from '#lockstep/views/search/page.js';
import { searchRecord } from '#lockstep/views/search/record.js';
import { rungsTable, trialsTable } from '#lockstep/views/search/tables.js';

const page = suite('the page of a search');

const search = {
  ...parseSearch(
    {
      space: {
        'optimizer.learningRate': { logUniform: [0.001, 0.1] },
        'optimizer.momentum': { uniform: [0, 0.9] },
        'training.batchSize': { integer: [8, 64] },
        'model.layers.1': { values: [{ type: 'relu' }, { type: 'elu' }] },
      },
      method: { type: 'successiveHalving', trials: 6, factor: 2, leastEpochs: 1 },
      folds: 2,
    },
    'test',
  ),
  config: '<b>c.json',
  metric: 'top1' as const,
};

const epochOf = (epoch: number, top1: number): EpochMetrics => {
  const split = { samples: 100, loss: 1 - top1, top1, top5: 1 };
  return { epoch, learningRate: 0.1, train: split, validation: split, seconds: 1, imagesPerSecond: 1 };
};

/** Trial n has a top-1 of n tenths, a hundredth more in each further epoch and in the second fold; trial `diverges` has none. */
async function searched(diverges: (trial: number) => boolean) {
  const trials = [1, 2, 3, 4, 5, 6].map((number) => ({ number, values: trialValues(search, number) }));
  const rungs = rungsOf(search.method, 4);
  const result = await runSearch(
    { trials, rungs, metric: 'top1', folds: 2 },
    async ({ trial: { number }, rung, fold }) => ({
      directory: `out/trial-${number}`,
      diverged: diverges(number),
      epochs: diverges(number)
        ? []
        : Array.from({ length: rung.epochs! }, (_, i) => epochOf(i + 1, number / 10 + i / 100 + fold / 100)),
    }),
  );
  const record = searchRecord(search, result);
  return { record, html: await searchPage(record, result) };
}

/** The ids of a page's figures. */
const figuresOf = (html: string) => [...html.matchAll(/<figure id="([\w-]+)"/g)].map(([, id]) => id!);

page('tables, a chart for each value, curves, rungs and folds', async () => {
  const { record, html } = await searched((trial) => trial === 6);
  assert.is(record.best, 5);
  assert.equal(
    trialsTable(record).rows.map((cells) => [...cells.slice(0, 2), ...cells.slice(6)]),
    [
      ['1', '5', '4', '53.50% ± 0.71%', '0.4650 ± 0.0071', 'best'],
      ['2', '4', '2', '41.50% ± 0.71%', '0.5850 ± 0.0071', ''],
      ['3', '3', '2', '31.50% ± 0.71%', '0.6850 ± 0.0071', ''],
      ['4', '2', '1', '20.50% ± 0.71%', '0.7950 ± 0.0071', ''],
      ['5', '1', '1', '10.50% ± 0.71%', '0.8950 ± 0.0071', ''],
      ['6', '6', '1', '–', '–', 'diverged'],
    ],
  );
  assert.equal(rungsTable(record).rows, [
    ['1', '1', '6', '1', '5', '50.50%'],
    ['2', '2', '3', '0', '5', '51.50%'],
    ['3', '4', '1', '0', '5', '53.50%'],
  ]);
  assert.equal(figuresOf(html), [
    ...['value-1', 'value-2', 'value-3', 'value-4'],
    ...['curves-loss', 'curves-top1', 'rungs-scores'],
  ]);
  for (const id of ['best', 'trials', 'values', 'curves', 'rungs', 'folds', 'method'])
    assert.match(html, `<h2 id="${id}">`);
  assert.match(html, 'Search of &lt;b>c.json');
  assert.not.match(html, /<b>c\.json|NaN|undefined|\[object/);
});

page('where every trial diverged there are no charts', async () => {
  const { record, html } = await searched(() => true);
  assert.is(record.best, null);
  assert.equal(figuresOf(html), []);
  assert.not.match(html, '<h2 id="best">');
  assert.match(html, 'diverged');
});

page.run();
