import { hash, Purpose, uniform } from '../numerics/random.js';
import type { Interval } from './scores.js';
import { binomial, binomialQuantile } from './statistics/binomial.js';
import type { Resampling } from './statistics/difference.js';
import { quantile } from './statistics/quantile.js';

/**
 * The percentile bootstrap's interval of a fraction of hits (Efron 1979). A resample draws `samples` of the samples, each with
 * replacement, so its hits are binomial(samples, hits / samples): a number of that distribution is drawn for each, by its inverse,
 * which gives what drawing sample by sample gives, and takes as long for a million of them.
 * @param draws what the random numbers are for, beside the seed: two fractions share none
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
