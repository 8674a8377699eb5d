/**
 * Functions whose built-in versions differ between machines or versions. These use only + - * / and square roots, which are correctly
 * rounded everywhere. Accurate to a few units in the last place of a double.
 */

/** ln(x), x > 0: splits off a power of two, then sums the series of artanh. */
export function logarithm(x: number): number {
  let exponent = 0;
  while (x < 0.75) {
    x *= 2;
    exponent--;
  }
  while (x >= 1.5) {
    x /= 2;
    exponent++;
  }
  const s = (x - 1) / (x + 1);
  const z = s * s;
  let sum = 0;
  for (let k = 41; k >= 1; k -= 2) sum = sum * z + 1 / k;
  return exponent * Math.LN2 + 2 * s * sum;
}

/** e^x, |x| < 700: splits off a power of two, then sums the series. */
export function exponential(x: number): number {
  const exponent = Math.round(x / Math.LN2);
  const rest = x - exponent * Math.LN2;
  let sum = 1;
  for (let k = 20; k >= 1; k--) sum = 1 + (sum * rest) / k;
  for (let i = 0; i < Math.abs(exponent); i++) sum = exponent < 0 ? sum / 2 : sum * 2;
  return sum;
}

/** base^exponent by squaring; exponent is an integer of 0 or more. */
export function integerPower(base: number, exponent: number): number {
  let power = 1;
  for (let square = base, rest = exponent; rest > 0; square *= square, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power *= square;
  }
  return power;
}

/** cos(pi * t), 0 <= t <= 1: the series around the nearer end. */
export function cosineOfHalfTurn(t: number): number {
  if (t > 0.5) return -cosineOfHalfTurn(1 - t);
  const square = Math.PI * t * (Math.PI * t);
  let sum = 1;
  for (let k = 20; k >= 2; k -= 2) sum = 1 - (sum * square) / (k * (k - 1));
  return sum;
}
