/** What the plain references are written with: arrays by their index, sums by theirs, in double precision. */

/** The array of this shape, flat, whose value at an index is `f` of the index. */
export function tensor(shape: readonly number[], f: (...index: number[]) => number): Float64Array {
  const index = shape.map(() => 0);
  return Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    const value = f(...index);
    for (let d = shape.length - 1; d >= 0 && ++index[d]! === shape[d]; d--) index[d] = 0;
    return value;
  });
}

/** Where a value lies in a flat array of this shape. */
export const place = (shape: readonly number[], ...index: readonly number[]): number =>
  index.reduce((sum, i, d) => sum * shape[d]! + i, 0);

/** f(0) + ... + f(count - 1). */
export function sum(count: number, f: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += f(i);
  return total;
}

/** first, first + 1, ... below end. */
export const range = (end: number, first = 0): number[] =>
  Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
