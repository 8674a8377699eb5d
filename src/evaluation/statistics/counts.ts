import { exponential } from '../../numerics/exact-math.js';
import { incompleteBeta, logGamma } from './beta.js';

/** Exact tests of counts: whether two classifiers hit as often. Two-sided p values. */

/**
 * McNemar's exact test on the same samples (Dietterich 1998 for classifiers): the samples that only one of the two hits are as many heads
 * and tails of a fair coin.
 * @param onlyA samples that only the first hits, and `onlyB` only the second
 */
export function mcNemar(onlyA: number, onlyB: number): number {
  const [fewer, all] = [Math.min(onlyA, onlyB), onlyA + onlyB];
  if (2 * fewer >= all) return 1;
  // P(X <= fewer) of the binomial.
  return Math.min(1, 2 * incompleteBeta(0.5, all - fewer, fewer + 1));
}

/**
 * Fisher's exact test on samples of their own: the tables with these margins that are no likelier than this one (as R's fisher.test).
 * @param hits of `samples`, for each of the two
 */
export function fisher(hits: readonly [number, number], samples: readonly [number, number]): number {
  const [n, m] = samples;
  const all = hits[0] + hits[1];
  const log = (k: number) => logChoose(n, k) + logChoose(m, all - k);
  const whole = logChoose(n + m, all);
  const own = log(hits[0]);
  let p = 0;
  for (let k = Math.max(0, all - m); k <= Math.min(n, all); k++) {
    const likelihood = log(k);
    if (likelihood <= own + 1e-7 && likelihood - whole > -690) p += exponential(likelihood - whole);
  }
  return Math.min(1, p);
}

const logChoose = (n: number, k: number): number => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
