/** Draws from a binomial distribution by its inverse, for a bootstrap of counts. */

/** P(X <= first + i) for each i of the numbers that count. */
export interface Binomial {
  readonly first: number;
  readonly cumulative: Float64Array;
}

/** What is this much less likely than the likeliest number is left out: 2000 resamples, or 10^9, never meet it. */
const negligible = 1e-20;

/**
 * Of `trials` trials, each `odds` : 1 for a success. Built from * and / alone, from the likeliest number outwards, so that it is the same
 * everywhere.
 * @param likeliest about trials * odds / (odds + 1), whole
 */
export function binomial(trials: number, odds: number, likeliest: number): Binomial {
  const below: number[] = [];
  for (let k = likeliest, p = 1; k > 0; k--) {
    p *= k / (trials - k + 1) / odds;
    if (!(p > negligible)) break;
    below.push(p);
  }
  const likely = [...below.reverse(), 1];
  for (let k = likeliest, p = 1; k < trials; k++) {
    p *= ((trials - k) / (k + 1)) * odds;
    if (!(p > negligible)) break;
    likely.push(p);
  }
  let sum = 0;
  const cumulative = Float64Array.from(likely, (p) => (sum += p));
  return { first: likeliest - below.length, cumulative: cumulative.map((c) => c / sum) };
}

/** The number that `u`, uniform in (0, 1), stands for: the first whose P(X <= number) is `u` or more. */
export function binomialQuantile({ first, cumulative }: Binomial, u: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! >= u) high = middle;
    else low = middle + 1;
  }
  return first + low;
}
