import { incompleteBeta } from './beta.js';

/** Means of few values, such as a figure over several seeds. */

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The sample's variance, dividing by n - 1; of two values or more. */
export function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

/** The sample's standard deviation, likewise. */
export const deviationOf = (values: readonly number[]): number => Math.sqrt(varianceOf(values));

/** Student's interval of the mean of two values or more. */
export function meanInterval(values: readonly number[], level: number): Interval {
  const half = studentCritical(1 - level, values.length - 1) * Math.sqrt(varianceOf(values) / values.length);
  return { low: meanOf(values) - half, high: meanOf(values) + half };
}

/** Of mean(a) - mean(b). */
export interface WelchTest {
  readonly t: number;
  /** Degrees of freedom, of Welch and Satterthwaite. */
  readonly freedom: number;
  /** Two-sided. */
  readonly p: number;
  readonly interval: Interval;
}

/** Welch's t-test (1947), which does not take the variances to be equal. Undefined where neither side's values differ at all. */
export function welchTest(a: readonly number[], b: readonly number[], level: number): WelchTest | undefined {
  const [ofA, ofB] = [varianceOf(a) / a.length, varianceOf(b) / b.length];
  const square = ofA + ofB;
  if (!(square > 0)) return undefined;
  const freedom = square ** 2 / (ofA ** 2 / (a.length - 1) + ofB ** 2 / (b.length - 1));
  const difference = meanOf(a) - meanOf(b);
  const error = Math.sqrt(square);
  const half = studentCritical(1 - level, freedom) * error;
  return {
    t: difference / error,
    freedom,
    p: studentBeyond(difference / error, freedom),
    interval: { low: difference - half, high: difference + half },
  };
}

/** Student's t distribution with `freedom` > 0 degrees of freedom. */

/** P(|T| >= |t|). Abramowitz and Stegun 26.7.1. */
export const studentBeyond = (t: number, freedom: number): number =>
  incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);

/** The t that |T| exceeds with probability `beyond`, 0 < beyond < 1: what an interval's half width is made of. */
export function studentCritical(beyond: number, freedom: number): number {
  let low = 0;
  let high = 1;
  while (studentBeyond(high, freedom) > beyond) high *= 2;
  // Halves until no double lies between.
  for (let middle = high / 2; middle > low && middle < high; middle = (low + high) / 2) {
    if (studentBeyond(middle, freedom) > beyond) low = middle;
    else high = middle;
  }
  return high;
}
