import { hash, Purpose, uniform } from '../../numerics/random.js';
import { type Binomial, binomial, binomialQuantile } from './binomial.js';
import type { Interval } from './means.js';
import { quantile } from './quantile.js';

/** Percentile bootstrap intervals (Efron 1979) of the difference of two accuracies. */

export interface Resampling {
  /** Fraction of the resamples that an interval holds. */
  readonly level: number;
  readonly resamples: number;
  readonly seed: number;
}

/**
 * Of the same samples: a resample draws samples with what both make of them. Its samples that only one hits are binomial, and so are,
 * of these, those that the first hits.
 * @param draws what the random numbers are for, beside the seed: two intervals share none
 */
export function pairedDifference(
  { onlyA, onlyB, samples }: { readonly onlyA: number; readonly onlyB: number; readonly samples: number },
  resampling: Resampling,
  draws: number,
): Interval {
  const apart = onlyA + onlyB;
  if (apart === 0) return { low: 0, high: 0 };
  const differing = binomial(samples, apart / (samples - apart), apart);
  const split = new Map<number, Binomial>();
  const splitOf = (count: number) => {
    const known = split.get(count) ?? binomial(count, onlyA / onlyB, Math.round((count * onlyA) / apart));
    split.set(count, known);
    return known;
  };
  return percentiles(resampling, draws, (u, v) => {
    const count = binomialQuantile(differing, u);
    return (2 * binomialQuantile(splitOf(count), v) - count) / samples;
  });
}

/** Of samples of their own. */
export function unpairedDifference(
  hits: readonly [number, number],
  samples: readonly [number, number],
  resampling: Resampling,
  draws: number,
): Interval {
  const [a, b] = hits.map((own, i) => binomial(samples[i]!, own / (samples[i]! - own), own)) as [
    Binomial,
    Binomial,
  ];
  return percentiles(
    resampling,
    draws,
    (u, v) => binomialQuantile(a, u) / samples[0] - binomialQuantile(b, v) / samples[1],
  );
}

/** @param draw a resample's difference from two uniform numbers */
function percentiles(
  { level, resamples, seed }: Resampling,
  draws: number,
  draw: (u: number, v: number) => number,
): Interval {
  const at = (i: number, which: number) => uniform(hash(seed, Purpose.difference, draws, i, which));
  const drawn = Float64Array.from({ length: resamples }, (_, i) => draw(at(i, 0), at(i, 1))).sort();
  const tail = (1 - level) / 2;
  return { low: quantile(drawn, tail), high: quantile(drawn, 1 - tail) };
}
