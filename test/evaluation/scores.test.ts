import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bootstrapInterval } from '#lockstep/evaluation/bootstrap.js';
import { mapClasses } from '#lockstep/evaluation/class-map.js';
import { confidentlyWrong, placeOf } from '#lockstep/evaluation/mistakes.js';
import { calibrationOf, scoreDefaults, scoresOf } from '#lockstep/evaluation/score.js';
import type { Outcomes } from '#lockstep/evaluation/scores.js';
import { totalsOf } from '#lockstep/runtime/metrics.js';
import { dataFault } from '../support/data-helpers.js';
import { noise } from '../support/engine-helpers.js';

/*
The figures are NumPy's (1.24), of these lines:

labels, predicted, confidence = ...  # as below; 64ths
m = np.zeros((4, 4), int); np.add.at(m, (labels, predicted), 1); tp = np.diag(m)
p, r, f = tp / m.sum(0), tp / m.sum(1), 2 * tp / (m.sum(0) + m.sum(1)); np.nanmean(p), np.nanmean(r), np.nanmean(f)
edges = np.linspace(0, 1, bins + 1); ece = 0
for lo, hi in zip(edges, edges[1:]):
    own = (confidence > lo) & (confidence <= hi)
    if own.any(): ece += own.mean() * abs((labels == predicted)[own].mean() - confidence[own].mean())

hits = np.zeros(n); hits[:h] = 1; rng = np.random.default_rng(1)
np.percentile([hits[rng.integers(0, n, n)].mean() for _ in range(40000)], [2.5, 97.5])
*/
const labels = Int32Array.from('1122002200210201110022212012000120112010'.split(''), Number);
const predicted = Int32Array.from('2121322203212132110031212012023123113320'.split(''), Number);
const confidence = Float32Array.from(
  [
    42, 16, 49, 14, 53, 4, 53, 11, 24, 20, 44, 11, 25, 1, 17, 27, 7, 41, 24, 46, 42, 28, 56, 40, 52, 22, 35,
    13, 64, 16, 16, 5, 16, 49, 45, 8, 24, 27, 43, 29,
  ],
  (value) => value / 64,
);

/** Ranks that agree with `predicted`: 0 of a hit, else a place among the top 5 or behind it in turn. */
const classesBefore = labels.map((label, i) => (label === predicted[i] ? 0 : i % 2 === 0 ? 3 : 7));
const outcomes: Outcomes = {
  split: 'test',
  parts: [{ split: 'test', samples: labels.length }],
  classes: ['a', 'b', 'c', 'd'],
  loss: 1.5,
  labels,
  predicted,
  confidence,
  losses: new Float32Array(labels.length),
  classesBefore,
};

const near = (found: number | null, expected: number) =>
  assert.ok(found !== null && Math.abs(found - expected) < 1e-12, `found ${found}, expected ${expected}`);

const scores = suite('scores are those of NumPy');

scores('confusion, precision, recall and F1, with null for 0 / 0', () => {
  const { confusion, classes, macro } = scoresOf(outcomes);
  const matrix = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
  for (const { label, predicted, samples } of confusion) {
    assert.ok(samples > 0);
    matrix[label]![predicted] = samples;
  }
  assert.equal(matrix, [
    [6, 0, 3, 6],
    [0, 9, 3, 0],
    [0, 3, 8, 2],
    [0, 0, 0, 0],
  ]);
  const order = confusion.map(({ label, predicted }) => label * 4 + predicted);
  assert.equal(
    order,
    order.toSorted((a, b) => a - b),
  );
  for (const [i, value] of [1, 0.75, 0.5714285714285714, 0].entries()) near(classes[i]!.precision, value);
  for (const [i, value] of [0.4, 0.75, 0.6153846153846154].entries()) near(classes[i]!.recall, value);
  for (const [i, value] of [0.5714285714285714, 0.75, 0.5925925925925926, 0].entries())
    near(classes[i]!.f1, value);
  assert.is(classes[3]!.recall, null);
  assert.equal([classes[3]!.samples, classes[3]!.predicted], [0, 8]);
  near(macro.precision, 0.5803571428571428);
  near(macro.recall, 0.5884615384615385);
  near(macro.f1, 0.478505291005291);
});

scores('top-1, top-5 and the sizes', () => {
  const { samples, top1, top5, loss } = scoresOf(outcomes);
  assert.equal([samples, top1, loss], [40, 23 / 40, 1.5]);
  assert.is(top5, (23 + classesBefore.filter((before) => before === 3).length) / 40);
});

scores('a class that has no sample and is never predicted has no value, and the means leave it out', () => {
  const { classes, macro } = scoresOf({ ...outcomes, classes: [...outcomes.classes, 'e'] });
  const { precision, recall, f1 } = classes[4]!;
  assert.equal([precision, recall, f1], [null, null, null]);
  near(macro.f1, 0.478505291005291);
});

scores('expected calibration error of 15 bins, and of 5', () => {
  near(scoresOf(outcomes).calibration.error, 0.25742187499999997);
  near(scoresOf(outcomes, { bins: 5 }).calibration.error, 0.198046875);
});

scores('a bin holds its upper edge and not its lower one, for any number of bins', () => {
  for (const bins of [3, 7, 10, 15, 49, 100]) {
    for (let i = 1; i <= bins; i++) {
      const edge = new Float32Array([i / bins]);
      const { bins: all } = calibrationOf({ confidence: edge, classesBefore: new Int32Array(1) }, bins);
      const { low, high } = all.find(({ samples }) => samples === 1)!;
      assert.ok(low < edge[0]! && (edge[0]! <= high || high === 1), `${edge[0]} in (${low}, ${high}]`);
    }
  }
});

scores.run();

const intervals = suite('intervals');

/** Resampled sample by sample: [samples, hits, low, high]. */
const resampled = [
  [1000, 612, 0.582, 0.642],
  [25_000, 12_345, 0.48768, 0.50008],
  [50, 49, 0.94, 1],
  [7, 3, 1 / 7, 6 / 7],
] as const;

for (const [samples, hits, low, high] of resampled) {
  intervals(`of ${hits} hits in ${samples} are those of resampling sample by sample`, () => {
    const many = bootstrapInterval(hits, samples, { ...scoreDefaults, resamples: 400_000 }, 1);
    const deviation = Math.sqrt((hits * (samples - hits)) / samples) / samples;
    for (const [found, expected] of [
      [many.low, low],
      [many.high, high],
    ] as const) {
      assert.ok(Math.abs(found - expected) <= 0.1 * deviation, `${found}, expected ${expected}`);
    }
  });
}

intervals('are a point for only hits or no hits', () => {
  assert.equal(bootstrapInterval(9, 9, scoreDefaults, 1), { low: 1, high: 1 });
  assert.equal(bootstrapInterval(0, 9, scoreDefaults, 1), { low: 0, high: 0 });
});

intervals('are the same on every machine, and depend on the seed', () => {
  const found = bootstrapInterval(612, 1000, scoreDefaults, 1);
  assert.equal(found, { low: 0.583, high: 0.642 });
  const other = bootstrapInterval(612, 1000, { ...scoreDefaults, resamples: 20, seed: 2 }, 1);
  assert.not.equal(other, bootstrapInterval(612, 1000, { ...scoreDefaults, resamples: 20 }, 1));
  assert.not.equal(other, bootstrapInterval(612, 1000, { ...scoreDefaults, resamples: 20, seed: 2 }, 5));
});

intervals("of a million samples are as wide as the normal approximation's", () => {
  const { low, high } = bootstrapInterval(300_000, 1_000_000, { ...scoreDefaults, resamples: 100_000 }, 1);
  const half = 1.959964 * Math.sqrt((0.3 * 0.7) / 1e6);
  assert.ok(Math.abs(low - (0.3 - half)) < 0.02 * half);
  assert.ok(Math.abs(high - (0.3 + half)) < 0.02 * half);
});

intervals.run();

const others = suite('other results from outcomes');

others('losses are added 8 by 8, then step by step', () => {
  // Far apart in size, or else no sum of so few float32 is rounded.
  const losses = noise(1, 1003).map((value) => Math.exp(10 * value));
  const chunks = <T>(of: readonly T[], most: number) =>
    Array.from({ length: Math.ceil(of.length / most) }, (_, i) => of.slice(i * most, (i + 1) * most));
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const steps = chunks(Array.from(losses), 32).map((step) => sum(chunks(step, 8).map(sum)));
  const { loss } = totalsOf(losses, new Int32Array(losses.length), 32);
  assert.is(loss, sum(steps));
  assert.is.not(loss, sum(Array.from(losses)));
});

others('the most confident mistakes, and their places', () => {
  const wrong = confidentlyWrong(outcomes, 4);
  assert.equal(
    wrong.map((i) => labels[i] === predicted[i]),
    [false, false, false, false],
  );
  const left = Array.from(labels.keys()).filter((i) => labels[i] !== predicted[i] && !wrong.includes(i));
  const least = confidence[wrong.at(-1)!]!;
  assert.ok(left.every((i) => confidence[i]! <= least));
  assert.is(confidentlyWrong(outcomes, 100).length, 17);
  const parts = [
    { split: 'train', samples: 3 },
    { split: 'validation', samples: 2 },
    { split: 'test', samples: 1 },
  ] as const;
  assert.equal(placeOf({ parts }, 2), { split: 'train', index: 2 });
  assert.equal(placeOf({ parts }, 3), { split: 'validation', index: 0 });
  assert.equal(placeOf({ parts }, 5), { split: 'test', index: 0 });
});

others('classes are matched by name, or by number where there is none', async () => {
  assert.equal([...mapClasses(['a', 'b', 'c'], ['c', 'a', 'b']).numbers], [2, 0, 1]);
  assert.equal([...mapClasses(['a', 'b', 'c'], ['class 0', 'class 1']).numbers], [0, 1]);
  assert.equal([...mapClasses(['class 0', 'class 1'], ['a', 'b']).numbers], [0, 1]);
  // A class that two names share keeps its number where nothing is to be moved.
  assert.equal([...mapClasses(['a', 'a'], ['a', 'a']).numbers], [0, 1]);
  const fault = await dataFault(() => mapClasses(['a', 'b'], ['b', 'c', 'd']));
  assert.match(fault, /not in the dataset:\n {2}a\n/);
  assert.match(fault, /not of the model:\n {2}c\n {2}d\n/);
  await dataFault(() => mapClasses(['a', 'b'], ['class 0', 'class 1', 'class 2']));
});

others.run();
