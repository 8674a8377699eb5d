import { hash, Purpose, uniform } from '../numerics/random.js';
import type { Interval } from './scores.js';
import { binomial, binomialQuantile } from './statistics/binomial.js';
import type { Resampling } from './statistics/difference.js';
import { quantile } from './statistics/quantile.js';

/**
 * The percentile bootstrap interval of a fraction of hits (Efron 1979). A resample draws `samples` samples with replacement, so its number
 * of hits has the distribution binomial(samples, hits / samples). It is drawn directly by the inverse of that distribution, which takes
 * the same time for any number of samples.
 * @param draws part of the random numbers' key, so that different fractions share none
 */
export function bootstrapInterval(
  hits: number,
  samples: number,
  { level, resamples, seed }: Resampling,
  draws: number,
): Interval {
  const resampled = binomial(samples, hits / (samples - hits), hits);
  const drawn = Float64Array.from({ length: resamples }, (_, i) => {
    const u = uniform(hash(seed, Purpose.bootstrap, draws, i));
    return binomialQuantile(resampled, u) / samples;
  }).sort();
  const tail = (1 - level) / 2;
  return { low: quantile(drawn, tail), high: quantile(drawn, 1 - tail) };
}
