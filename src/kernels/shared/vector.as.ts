/** What the kernels share: a lane group is the 8 samples of a micro-batch, 32 bytes, two vectors side by side. */

/** Bytes of a lane group. */
export const GROUP: usize = 32;

/** sum + x * w, never fused: the same bits on every machine. */
// @ts-ignore: decorator
@inline
export function madd(sum: v128, x: v128, w: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, w));
}

/** The sum of a lane group's 8 values: halves first, then pairs, then the two left. */
// @ts-ignore: decorator
@inline
export function groupSum(lo: v128, hi: v128): f32 {
  const four = f32x4.add(lo, hi);
  const two = f32x4.add(four, v128.shuffle<f32>(four, four, 2, 3, 0, 1));
  return f32x4.extract_lane(two, 0) + f32x4.extract_lane(two, 1);
}

/** Store `value`, or add it to what is there: the second micro-batch of a pair accumulates onto the first's sums (see `item.ts`). */
// @ts-ignore: decorator
@inline
export function put(at: usize, value: f32, accumulate: bool): void {
  store<f32>(at, accumulate ? load<f32>(at) + value : value);
}
