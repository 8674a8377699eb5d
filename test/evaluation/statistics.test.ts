import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { incompleteBeta, logGamma } from '#lockstep/evaluation/statistics/beta.js';
import { fisher, mcNemar } from '#lockstep/evaluation/statistics/counts.js';
import { pairedDifference, unpairedDifference } from '#lockstep/evaluation/statistics/difference.js';
import { holm } from '#lockstep/evaluation/statistics/holm.js';
import {
  meanInterval,
  studentBeyond,
  studentCritical,
  varianceOf,
  welchTest,
} from '#lockstep/evaluation/statistics/means.js';
import { hash } from '#lockstep/numerics/random.js';

/** Values are SciPy 1.17's unless something else is said. */
const test = suite('statistics');

function near(found: number, expected: number, relative = 1e-12): void {
  assert.ok(
    Math.abs(found - expected) <= relative * Math.abs(expected),
    `found ${found}, expected ${expected}`,
  );
}

test('ln gamma is right to 1e-13', () => {
  near(logGamma(0.5), 0.5723649429247, 1e-13);
  near(logGamma(3.7), 1.428072326665388, 1e-13);
  near(logGamma(100), 359.1342053695754, 1e-13);
  near(logGamma(1e5), 1051287.7089736569, 1e-13);
  assert.ok(Math.abs(logGamma(1)) < 1e-14);
});

test('the incomplete beta function is right to 1e-12, and to 1e-9 of large counts', () => {
  near(incompleteBeta(0.3, 2.5, 4), 0.3521975859067672);
  near(incompleteBeta(0.9, 0.5, 0.5), 0.7951672353008665);
  near(incompleteBeta(1e-3, 3, 7), 8.362275516053983e-8);
  near(incompleteBeta(0.5, 600, 500), 0.0012708058446182612, 1e-10);
  near(incompleteBeta(0.5, 60000, 59000), 0.0018724767130674283, 1e-9);
  assert.is(incompleteBeta(0, 2, 3), 0);
  assert.is(incompleteBeta(1, 2, 3), 1);
});

test("Student's t: tail probability and quantile", () => {
  near(studentBeyond(0.5, 1), 0.7048327646991335);
  near(studentBeyond(-2, 3.7), 0.12181720190523398);
  near(studentBeyond(12, 4), 0.000276428548502973);
  near(studentBeyond(40, 8), 1.6785718879145792e-10);
  near(studentBeyond(1.96, 1e4), 0.05002352023183303, 1e-10);
  assert.is(studentBeyond(0, 5), 1);
  near(studentCritical(0.05, 1), 12.706204736174694);
  near(studentCritical(0.05, 4), 2.7764451051977934);
  near(studentCritical(0.05, 9.3), 2.25108222468444);
  near(studentCritical(0.01, 30), 2.7499956535672254);
  near(studentCritical(0.05, 1e6), 1.959966356814107, 1e-10);
  near(studentCritical(0.001, 2), 31.599054576445365);
});

const a = [0.14, 0.126, 0.026, 0.02, 0.068];
const b = [0.122, 0.154, 0.145, 0.13, 0.137];

test("a mean's interval and Welch's test", () => {
  const own = meanInterval(b, 0.95);
  near(own.low, 0.122076716893091);
  near(own.high, 0.153123283106909);
  const { t, freedom, p, interval } = welchTest(a, b, 0.95)!;
  near(t, -2.423507039969703);
  near(freedom, 4.405717528311177);
  near(p, 0.06664133703592523);
  near(interval.low, -0.12968030764973087);
  near(interval.high, 0.006480307649730885, 1e-10);
  assert.is(varianceOf([1, 3]), 2);
  assert.is(welchTest([0.5, 0.5], [0.25, 0.25], 0.95), undefined);
});

test("McNemar's exact test is the sign test of the samples that differ", () => {
  near(mcNemar(10, 25), 0.016673847800120715);
  near(mcNemar(12, 0), 0.00048828125);
  near(mcNemar(400, 520), 8.549170923883781e-5, 1e-10);
  for (const [x, y] of [
    [0, 0],
    [1, 0],
    [5, 5],
  ] as const) {
    assert.is(mcNemar(x, y), 1);
  }
});

test("Fisher's exact test", () => {
  near(fisher([8, 2], [20, 22]), 0.029613102783834486);
  near(fisher([100, 130], [1000, 1000]), 0.041904548383735134, 1e-9);
  near(fisher([0, 5], [10, 10]), 0.032507739938080496);
  near(fisher([3, 3], [10, 10]), 1);
});

// p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") in R's own words
test("Holm's p values rise in the order of the single ones", () => {
  const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
  for (const [i, expected] of [0.03, 0.06, 0.06, 0.02].entries()) near(adjusted[i]!, expected);
  assert.equal(holm([0.6, 0.7]), [1, 1]);
  assert.equal(holm([]), []);
});

const resampling = { level: 0.95, resamples: 4000, seed: 1 };

test('the interval of a paired difference agrees with resampling sample by sample', () => {
  const [onlyA, onlyB, samples] = [60, 25, 400];
  const found = pairedDifference({ onlyA, onlyB, samples }, resampling, 1);
  const drawn = Array.from({ length: 4000 }, (_, resample) => {
    let sum = 0;
    for (let i = 0; i < samples; i++) {
      const sample = hash(7, resample, i) % samples;
      if (sample < onlyA) sum++;
      else if (sample < onlyA + onlyB) sum--;
    }
    return sum / samples;
  }).sort((x, y) => x - y);
  assert.ok(Math.abs(found.low - drawn[100]!) <= 0.006, `${found.low} ${drawn[100]}`);
  assert.ok(Math.abs(found.high - drawn[3900]!) <= 0.006, `${found.high} ${drawn[3900]}`);
  assert.equal(pairedDifference({ onlyA, onlyB, samples }, resampling, 1), found);
  assert.not.equal(pairedDifference({ onlyA, onlyB, samples }, { ...resampling, seed: 2 }, 1), found);
});

test('the ends of paired differences: none differ, all do, one side alone', () => {
  const interval = (onlyA: number, onlyB: number, samples: number) =>
    pairedDifference({ onlyA, onlyB, samples }, resampling, 1);
  assert.equal(interval(0, 0, 10), { low: 0, high: 0 });
  assert.equal(interval(10, 0, 10), { low: 1, high: 1 });
  const { low, high } = interval(0, 30, 100);
  assert.ok(low < -0.35 && low > -0.45 && high > -0.25 && high < -0.15, `${low} ${high}`);
});

test('the interval of an unpaired difference is near the normal one', () => {
  const { low, high } = unpairedDifference([300, 250], [1000, 1000], resampling, 1);
  const half = 1.96 * Math.sqrt(0.21 / 1000 + 0.1875 / 1000);
  assert.ok(Math.abs(low - (0.05 - half)) < 0.004, String(low));
  assert.ok(Math.abs(high - (0.05 + half)) < 0.004, String(high));
});

test.run();
