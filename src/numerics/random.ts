import { exponential, logarithm } from './exact-math.js';

/**
 * Counter-based random numbers: a value is a hash of its use (seed, purpose, epoch, index). So the order of drawing does not matter, and a
 * resume needs no generator state. The mixing step is MurmurHash3's (Austin Appleby, public domain).
 */

/** The use of a random number in a training run. Different purposes share no numbers. The drawn pictures use their own hashes. */
export const Purpose = {
  parameters: 1,
  shuffle: 2,
  dropout: 3,
  balance: 4,
  augmentation: 5,
  mixup: 6,
  bootstrap: 7,
  difference: 8,
  search: 9,
  custom: 10,
} as const;

/** 32 random bits that belong to these integers. */
export function hash(...words: readonly number[]): number {
  let h = 0;
  for (const word of words) h = mix(h, word);
  return mix(h, words.length);
}

/** Mixes one more 32-bit word into `h`. */
export function mix(h: number, word: number): number {
  h = (h ^ word) + 0x9e3779b9;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Draws a sequence of numbers, each a hash of `key` and its position. */
export class Draws {
  readonly #key: number;
  #count = 0;

  constructor(key: number) {
    this.#key = key;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + ((high - low) * mix(this.#key, this.#count++)) / 0x1_0000_0000;
  }
}

/** Uniform in (0, 1), symmetric about 1/2, without the ends. */
export function uniform(bits: number): number {
  return (bits + 0.5) / 0x1_0000_0000;
}

/**
 * The standard normal's quantile at 0 < p < 1, in double precision (Wichura 1988, algorithm AS 241, PPND16).
 * Uses only + - * / and square roots, which are correctly rounded everywhere; built-in functions may differ.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(central[0], r)) / polynomial(central[1], r);
  }
  const r = Math.sqrt(-logarithm(q < 0 ? p : 1 - p));
  const [top, bottom, at] = r <= 5 ? [middle[0], middle[1], r - 1.6] : [tail[0], tail[1], r - 5];
  const value = polynomial(top, at) / polynomial(bottom, at);
  return q < 0 ? -value : value;
}

/** The standard normal's distribution function, |x| <= 6, by its series about 0 (Marsaglia 2004). */
export function normalBelow(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 3; n < 200; n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return 0.5 + (sum * exponential(-x * x * 0.5)) / 2.5066282746310002;
}

/** @param coefficients highest power first */
function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (const c of coefficients) sum = sum * x + c;
  return sum;
}

// biome-ignore-start lint/correctness/noPrecisionLoss: the digits are the paper's
const central = [
  [
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
    13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
  ],
  [
    5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
    5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1,
  ],
] as const;

const middle = [
  [
    7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
    3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
  ],
  [
    1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
    0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1,
  ],
] as const;

const tail = [
  [
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
    0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
  ],
  [
    2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
    0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1,
  ],
] as const;
// biome-ignore-end lint/correctness/noPrecisionLoss: see above
