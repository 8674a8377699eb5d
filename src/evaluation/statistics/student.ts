import { incompleteBeta } from './beta.js';

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
