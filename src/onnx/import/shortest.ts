/** The shortest decimal number that is this one in float32, as people write it: 1e-5 for 9.999999747378752e-6. */
export function shortest(value: number): number {
  const single = Math.fround(value);
  for (let digits = 1; digits < 17; digits++) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return short;
  }
  return value;
}
