import { hash, Purpose, uniform } from '../random.js';
import type { ScoreOptions } from './options.js';
import type { Interval } from './scores.js';

/**
 * The percentile bootstrap's interval of a fraction of hits (Efron 1979). A resample draws `samples` of the samples, each with
 * replacement, so its hits are binomial(samples, hits / samples): a number of that distribution is drawn for each, by its inverse,
 * which gives what drawing sample by sample gives, and takes as long for a million of them.
 * @param draws what the random numbers are for, beside the seed: two fractions share none
 */
export function bootstrapInterval(
  hits: number,
  samples: number,
  { level, resamples, seed }: Pick<ScoreOptions, 'level' | 'resamples' | 'seed'>,
  draws: number,
): Interval {
  const { first, cumulative } = binomial(samples, hits);
  const drawn = Float64Array.from({ length: resamples }, (_, i) => {
    const u = uniform(hash(seed, Purpose.bootstrap, draws, i));
    return (first + placeOf(u, cumulative)) / samples;
  }).sort();
  const tail = (1 - level) / 2;
  return { low: quantile(drawn, tail), high: quantile(drawn, 1 - tail) };
}

/** What is this much less likely than the likeliest number is left out: 2000 resamples, or 10^9, never meet it. */
const negligible = 1e-20;

/**
 * P(hits <= first + i) of a binomial with mean `hits`, for each i of the numbers that count. Built from * and / alone, from the
 * likeliest number, the mean, outwards, so that it is the same everywhere.
 */
function binomial(samples: number, hits: number): { first: number; cumulative: Float64Array } {
  const odds = hits / (samples - hits);
  const below: number[] = [];
  for (let k = hits, p = 1; k > 0; k--) {
    p *= k / (samples - k + 1) / odds;
    if (!(p > negligible)) break;
    below.push(p);
  }
  const likely = [...below.reverse(), 1];
  for (let k = hits, p = 1; k < samples; k++) {
    p *= ((samples - k) / (k + 1)) * odds;
    if (!(p > negligible)) break;
    likely.push(p);
  }
  let sum = 0;
  const cumulative = Float64Array.from(likely, (p) => (sum += p));
  return { first: hits - below.length, cumulative: cumulative.map((c) => c / sum) };
}

/** The first place whose value is `u` or more; the last one is 1, and u is below. */
function placeOf(u: number, cumulative: Float64Array): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! >= u) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Of ascending values, between two of them linearly: NumPy's and R's default. */
function quantile(sorted: Float64Array, fraction: number): number {
  const at = fraction * (sorted.length - 1);
  const below = Math.floor(at);
  const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  return low + (at - below) * (high - low);
}
