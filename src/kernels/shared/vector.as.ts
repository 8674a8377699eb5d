/** What the kernels share: a lane group is the 8 samples of a micro-batch, 32 bytes, two vectors side by side. */

/** Bytes of a lane group. */
export const GROUP: usize = 32;

/** sum + x * w, never fused: the same bits on every machine. */
// @ts-ignore: decorator
@inline
export function madd(sum: v128, x: v128, w: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, w));
}

/** x * factor. */
// @ts-ignore: decorator
@inline
export function scaled(x: v128, factor: f32): v128 {
  return f32x4.mul(x, f32x4.splat(factor));
}

/** The sum of a lane group's 8 values: halves first, then pairs, then the two left. */
// @ts-ignore: decorator
@inline
export function groupSum(lo: v128, hi: v128): f32 {
  const four = f32x4.add(lo, hi);
  const two = f32x4.add(four, v128.shuffle<f32>(four, four, 2, 3, 0, 1));
  return f32x4.extract_lane(two, 0) + f32x4.extract_lane(two, 1);
}

/**
 * Terms of a block of a long sum. A block's terms are added in order, from zero or the bias on; then the blocks' sums, in order: the error
 * grows with the block's length and the number of blocks, and not with all terms. What a kernel adds over rows and columns has blocks of as
 * many whole rows as hold `BLOCK` terms, or pieces of a longer row (`rowsOfBlock`).
 */
export const BLOCK = 256;

/** How many rows of `columns` terms, one at least, are a block. */
// @ts-ignore: decorator
@inline
export function rowsOfBlock(columns: i32): i32 {
  return columns < BLOCK ? BLOCK / columns : 1;
}

/** Store a lane group, or add it to what is there: a sum's next block to those before. */
// @ts-ignore: decorator
@inline
export function putGroup(at: usize, lo: v128, hi: v128, accumulate: bool): void {
  if (accumulate) {
    lo = f32x4.add(v128.load(at), lo);
    hi = f32x4.add(v128.load(at, 16), hi);
  }
  v128.store(at, lo); v128.store(at, hi, 16);
}

/** The upper two float32 as float64. */
// @ts-ignore: decorator
@inline
export function promoteHigh(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 0, 1));
}

/** Store `value`, or add it to what is there: the second micro-batch of a pair accumulates onto the first's sums (see `item.ts`). */
// @ts-ignore: decorator
@inline
export function put(at: usize, value: f32, accumulate: bool): void {
  store<f32>(at, accumulate ? load<f32>(at) + value : value);
}
