import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { EpochMetrics } from '#lockstep/runs/metrics.js';
import { rungsOf } from '#lockstep/search/rungs.js';
import { type RunOrder, runSearch, type SearchPlan, type TrainedRun } from '#lockstep/search/search.js';

const search = suite('searches');

const halving = (trials: number, factor: number, leastEpochs: number) => ({
  type: 'successiveHalving' as const,
  trials,
  factor,
  leastEpochs,
});

/** `27@1 9@3`: trials and epochs of each rung. */
const rungText = (...args: Parameters<typeof rungsOf>) =>
  rungsOf(...args)
    .map(({ trials, epochs }) => `${trials}@${epochs}`)
    .join(' ');

search('rungs: as in the table of Hyperband (Li et al. 2018) for R = 81 and a factor of 3', () => {
  assert.is(rungText(halving(81, 3, 1), 81), '81@1 27@3 9@9 3@27 1@81');
  assert.is(rungText(halving(27, 3, 3), 81), '27@3 9@9 3@27 1@81');
  assert.is(rungText(halving(9, 3, 9), 81), '9@9 3@27 1@81');
  assert.is(rungText(halving(6, 3, 27), 81), '6@27 2@81');
  assert.is(rungText(halving(5, 3, 81), 81), '5@81');
});

search('rungs: the last one has all epochs, and follows when one trial is left', () => {
  assert.is(rungText(halving(16, 2, 2), 10), '16@2 8@4 4@8 2@10');
  assert.is(rungText(halving(4, 4, 1), 50), '4@1 1@50');
  assert.is(rungText(halving(1, 3, 1), 9), '1@9');
  assert.is(rungText({ type: 'random', trials: 7 }, 9), '7@undefined');
});

/** Epochs with this top-1 and loss each. */
const epochsOf = (...values: readonly (readonly [top1: number, loss: number])[]): EpochMetrics[] =>
  values.map(([top1, loss], i) => {
    const split = { samples: 100, loss, top1, top5: 1 };
    return {
      epoch: i + 1,
      learningRate: 0.1,
      train: split,
      validation: split,
      seconds: 1,
      imagesPerSecond: 1,
    };
  });

const trained = (epochs: readonly EpochMetrics[]): TrainedRun => ({
  directory: 'run',
  epochs,
  diverged: false,
});
const diverged: TrainedRun = { directory: 'run', epochs: [], diverged: true };

const planOf = (trials: number, more: Partial<SearchPlan> = {}): SearchPlan => ({
  trials: Array.from({ length: trials }, (_, i) => ({ number: i + 1, values: {} })),
  rungs: [{ trials, epochs: undefined }],
  metric: 'top1',
  folds: 1,
  ...more,
});

async function ranked(plan: SearchPlan, train: (order: RunOrder) => TrainedRun) {
  const orders: string[] = [];
  const result = await runSearch(plan, async (order) => {
    orders.push(`${order.trial.number}@${order.rung.epochs}`);
    return train(order);
  });
  return { ...result, numbers: result.ranking.map(({ trial }) => trial.number), orders };
}

search(
  'the best epoch counts; ties go to the smaller loss, then to the first; who diverged is last',
  async () => {
    const runs = [
      trained(epochsOf([0.5, 1])),
      diverged,
      trained(epochsOf([0.1, 3], [0.7, 2], [0.6, 0.5])),
      trained(epochsOf([0.5, 0.9])),
      trained(epochsOf([0.5, 1])),
    ];
    const of = ({ trial }: RunOrder) => runs[trial.number - 1]!;
    assert.equal((await ranked(planOf(5), of)).numbers, [3, 4, 1, 5, 2]);
    const byLoss = await ranked(planOf(5, { metric: 'loss' }), of);
    assert.equal(byLoss.numbers, [3, 4, 1, 5, 2]);
    assert.equal(byLoss.ranking[0]!.score, { top1: 0.6, loss: 0.5, deviation: null });
  },
);

search(
  'by the mean of recalls, which top-1 and the loss do not agree with; ties go to the smaller loss',
  async () => {
    const scores = [
      { balancedTop1: 0.2, top1: 0.7, loss: 1 },
      { balancedTop1: 0.4, top1: 0.5, loss: 3 },
      { balancedTop1: 0.4, top1: 0.5, loss: 2 },
    ];
    const plan = planOf(3, { metric: 'balancedTop1', folds: 2 });
    const { numbers, ranking } = await ranked(plan, ({ trial, fold }) => {
      const { balancedTop1, top1, loss } = scores[trial.number - 1]!;
      const [epoch] = epochsOf([top1, loss]);
      const validation = { ...epoch!.validation, balancedTop1: balancedTop1 + 0.1 * fold };
      return trained([{ ...epoch!, validation }]);
    });
    assert.equal(numbers, [3, 2, 1]);
    const { balancedTop1, deviation } = ranking[0]!.score!;
    assert.ok(Math.abs(balancedTop1! - 0.45) < 1e-12);
    assert.ok(Math.abs(deviation!.balancedTop1! - 0.1 / Math.SQRT2) < 1e-12);
  },
);

search('halving: the best of each rung go on, in their order; who went further ranks higher', async () => {
  const rungs = rungsOf(halving(6, 2, 1), 4);
  // By rung: trial 5 leads, then loses to 2; trial 3 diverges in the second rung.
  const top1 = [
    [0.1, 0.4, 0.3, 0.2, 0.5, 0.0],
    [0, 0.6, Number.NaN, 0, 0.4, 0],
    [0, 0.2, 0, 0, 0, 0],
  ];
  const {
    numbers,
    orders,
    rungs: results,
  } = await ranked(planOf(6, { rungs }), ({ trial, rung }) => {
    const value = top1[rungs.indexOf(rung)]![trial.number - 1]!;
    return Number.isNaN(value) ? diverged : trained(epochsOf([value, 1]));
  });
  assert.equal(orders, ['1@1', '2@1', '3@1', '4@1', '5@1', '6@1', '2@2', '3@2', '5@2', '2@4']);
  assert.equal(
    results.map(({ trials }) => trials.map(({ trial }) => trial.number)),
    [[5, 2, 3, 4, 1, 6], [2, 5, 3], [2]],
  );
  assert.equal(numbers, [2, 5, 4, 1, 6, 3]);
});

search('halving ends where no trial is left', async () => {
  const plan = planOf(4, { rungs: rungsOf(halving(4, 2, 1), 4) });
  const { orders, numbers, rungs } = await ranked(plan, () => diverged);
  assert.is(orders.length, 4);
  assert.equal(numbers, [1, 2, 3, 4]);
  assert.is(rungs.length, 1);
});

search('folds: mean and deviation; one that diverges decides for all', async () => {
  const values = [0.2, 0.4, 0.9];
  const { ranking } = await ranked(planOf(2, { folds: 3 }), ({ trial, fold }) => {
    if (trial.number === 2 && fold === 1) return diverged;
    return trained(epochsOf([values[fold]!, 2 * values[fold]!]));
  });
  const [first, second] = ranking;
  assert.ok(Math.abs(first!.score!.top1 - 0.5) < 1e-15);
  assert.ok(Math.abs(first!.score!.loss - 1) < 1e-15);
  // Of 0.2, 0.4, 0.9: the squares' sum is 0.26, divided by 2.
  assert.ok(Math.abs(first!.score!.deviation!.top1 - Math.sqrt(0.13)) < 1e-15);
  assert.is(second!.score, null);
  assert.is(second!.runs.length, 2);
});

search.run();
