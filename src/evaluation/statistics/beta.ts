import { exponential, logarithm } from '../../numerics/exact-math.js';

/** The regularised incomplete beta function, which Student's t and the binomial distribution are made of. */

/** ln Gamma(x), x > 0: Lanczos' approximation with Godfrey's coefficients (g = 7, n = 9), to about 1e-15 of its size. */
export function logGamma(x: number): number {
  const sum = lanczos.reduce((total, c, i) => total + (i === 0 ? c : c / (x - 1 + i)), 0);
  const t = x + 6.5;
  return 0.5 * logarithm(2 * Math.PI) + (x - 0.5) * logarithm(t) - t + logarithm(sum);
}

// biome-ignore-start lint/correctness/noPrecisionLoss: the digits are the paper's
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
// biome-ignore-end lint/correctness/noPrecisionLoss: see above

/** What is smaller than this counts as 0. */
const tiny = 1e-300;
const mostTerms = 100_000;

/** I_x(a, b) for a, b > 0 and 0 <= x <= 1: the continued fraction 8.17.22 of the DLMF, by Lentz's method. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast below the mean; above it the function is 1 less its mirror image.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = logGamma(a + b) - logGamma(a) - logGamma(b) + a * logarithm(x) + b * logarithm(1 - x);
  if (front < -690) return 0;
  return (exponential(front) * fraction(x, a, b)) / a;
}

function fraction(x: number, a: number, b: number): number {
  const notZero = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= mostTerms; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let change = 1;
    for (const term of [even, odd]) {
      d = 1 / notZero(1 + term * d);
      c = notZero(1 + term / c);
      change = c * d;
      value *= change;
    }
    if (Math.abs(change - 1) < 1e-15) break;
  }
  return value;
}
