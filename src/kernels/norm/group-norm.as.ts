import { GROUP, promoteHigh, put } from '../shared/vector.as';

/**
 * Normalization of each sample by itself: `[groups][channels][positions]` lane groups, where a group's values have their mean and deviation
 * in each lane. Scale and shift are `[groups][channels]` float32. Layer norm is one group whose channels are its values.
 */

/**
 * Mean and 1 / sqrt(variance + epsilon), the variance biased, of each group and lane: a lane group each. Sums and squares are float64, over the
 * group's values in order.
 * @param size values of a group
 */
export function groupStatistics(x: usize, mean: usize, inverse: usize, groups: i32, size: i32, epsilon: f64): void {
  const count = f64x2.splat(<f64>size), added = f64x2.splat(epsilon), one = f64x2.splat(1), zero = f64x2.splat(0);
  for (let g = 0; g < groups; g++, mean += GROUP, inverse += GROUP) {
    let s0 = zero, s1 = zero, s2 = zero, s3 = zero, q0 = zero, q1 = zero, q2 = zero, q3 = zero;
    for (const end = x + <usize>size * GROUP; x < end; x += GROUP) {
      const low = v128.load(x), high = v128.load(x, 16);
      const a = f64x2.promote_low_f32x4(low), b = promoteHigh(low);
      const d = f64x2.promote_low_f32x4(high), e = promoteHigh(high);
      s0 = f64x2.add(s0, a); q0 = f64x2.add(q0, f64x2.mul(a, a));
      s1 = f64x2.add(s1, b); q1 = f64x2.add(q1, f64x2.mul(b, b));
      s2 = f64x2.add(s2, d); q2 = f64x2.add(q2, f64x2.mul(d, d));
      s3 = f64x2.add(s3, e); q3 = f64x2.add(q3, f64x2.mul(e, e));
    }
    s0 = f64x2.div(s0, count); s1 = f64x2.div(s1, count); s2 = f64x2.div(s2, count); s3 = f64x2.div(s3, count);
    v128.store(mean, joined(s0, s1)); v128.store(mean, joined(s2, s3), 16);
    // A variance that is NaN stays, for a diverged run must show.
    q0 = f64x2.add(f64x2.pmax(f64x2.sub(f64x2.div(q0, count), f64x2.mul(s0, s0)), zero), added);
    q1 = f64x2.add(f64x2.pmax(f64x2.sub(f64x2.div(q1, count), f64x2.mul(s1, s1)), zero), added);
    q2 = f64x2.add(f64x2.pmax(f64x2.sub(f64x2.div(q2, count), f64x2.mul(s2, s2)), zero), added);
    q3 = f64x2.add(f64x2.pmax(f64x2.sub(f64x2.div(q3, count), f64x2.mul(s3, s3)), zero), added);
    v128.store(inverse, joined(f64x2.div(one, f64x2.sqrt(q0)), f64x2.div(one, f64x2.sqrt(q1))));
    v128.store(inverse, joined(f64x2.div(one, f64x2.sqrt(q2)), f64x2.div(one, f64x2.sqrt(q3))), 16);
  }
}

/** Four float64 as float32. */
// @ts-ignore: decorator
@inline
function joined(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** y = (x - mean) * inverse * scale + shift. */
export function groupNormForward(
  x: usize, y: usize, mean: usize, inverse: usize, scale: usize, shift: usize, groups: i32, channels: i32, positions: i32,
): void {
  for (let g = 0; g < groups; g++, mean += GROUP, inverse += GROUP) {
    const m = v128.load(mean), n = v128.load(mean, 16), r = v128.load(inverse), q = v128.load(inverse, 16);
    for (let c = 0; c < channels; c++, scale += 4, shift += 4) {
      const w = v128.load32_splat(scale), b = v128.load32_splat(shift);
      for (const end = x + <usize>positions * GROUP; x < end; x += GROUP, y += GROUP) {
        const lo = f32x4.mul(f32x4.sub(v128.load(x), m), r), hi = f32x4.mul(f32x4.sub(v128.load(x, 16), n), q);
        v128.store(y, f32x4.add(f32x4.mul(lo, w), b));
        v128.store(y, f32x4.add(f32x4.mul(hi, w), b), 16);
      }
    }
  }
}

/**
 * Of each channel, the sums of dy * (x - mean) * inverse and of dy over positions and lanes: gradients of the scale and of the shift. Float64:
 * each lane of a vector over the positions, lower and upper half in turn, then the lanes in pairs.
 */
export function groupNormGradients(
  dy: usize, x: usize, mean: usize, inverse: usize, scaleGradient: usize, shiftGradient: usize,
  groups: i32, channels: i32, positions: i32, accumulate: bool,
): void {
  for (let g = 0; g < groups; g++, mean += GROUP, inverse += GROUP) {
    for (let c = 0; c < channels; c++, scaleGradient += 4, shiftGradient += 4) {
      let p0 = f64x2.splat(0), p1 = p0, g0 = p0, g1 = p0;
      for (let i = 0; i < 2 * positions; i++, x += 16, dy += 16) {
        const half: usize = (i & 1) << 4;
        const d = v128.load(dy), n = f32x4.mul(f32x4.sub(v128.load(x), v128.load(mean + half)), v128.load(inverse + half));
        const product = f32x4.mul(d, n);
        p0 = f64x2.add(p0, f64x2.promote_low_f32x4(product));
        p1 = f64x2.add(p1, promoteHigh(product));
        g0 = f64x2.add(g0, f64x2.promote_low_f32x4(d));
        g1 = f64x2.add(g1, promoteHigh(d));
      }
      const p = f64x2.add(p0, p1), q = f64x2.add(g0, g1);
      const scale = <f32>(f64x2.extract_lane(p, 0) + f64x2.extract_lane(p, 1));
      const shift = <f32>(f64x2.extract_lane(q, 0) + f64x2.extract_lane(q, 1));
      put(scaleGradient, scale, accumulate);
      put(shiftGradient, shift, accumulate);
    }
  }
}

/**
 * dx = (d - a - n * b) * inverse, with d = dy * scale, n = (x - mean) * inverse, a the mean of d over the group and b that of d * n: float64
 * sums over the group's values in order, in each lane.
 */
export function groupNormInputGradient(
  dy: usize, x: usize, dx: usize, mean: usize, inverse: usize, scale: usize, groups: i32, channels: i32, positions: i32,
): void {
  const count = f64x2.splat(<f64>channels * <f64>positions), zero = f64x2.splat(0);
  const bytes = <usize>channels * <usize>positions * GROUP;
  for (let g = 0; g < groups; g++) {
    // A half of the lanes at a time.
    for (let half: usize = 0; half < GROUP; half += 16) {
      const m = v128.load(mean + half), r = v128.load(inverse + half);
      let a0 = zero, a1 = zero, b0 = zero, b1 = zero, at: usize = half;
      for (let c = 0; c < channels; c++) {
        const w = v128.load32_splat(scale + (<usize>c << 2));
        for (let p = 0; p < positions; p++, at += GROUP) {
          const d = f32x4.mul(v128.load(dy + at), w), n = f32x4.mul(f32x4.sub(v128.load(x + at), m), r), product = f32x4.mul(d, n);
          a0 = f64x2.add(a0, f64x2.promote_low_f32x4(d));
          a1 = f64x2.add(a1, promoteHigh(d));
          b0 = f64x2.add(b0, f64x2.promote_low_f32x4(product));
          b1 = f64x2.add(b1, promoteHigh(product));
        }
      }
      const a = joined(f64x2.div(a0, count), f64x2.div(a1, count)), b = joined(f64x2.div(b0, count), f64x2.div(b1, count));
      at = half;
      for (let c = 0; c < channels; c++) {
        const w = v128.load32_splat(scale + (<usize>c << 2));
        for (let p = 0; p < positions; p++, at += GROUP) {
          const d = f32x4.mul(v128.load(dy + at), w), n = f32x4.mul(f32x4.sub(v128.load(x + at), m), r);
          v128.store(dx + at, f32x4.mul(f32x4.sub(f32x4.sub(d, a), f32x4.mul(n, b)), r));
        }
      }
    }
    mean += GROUP; inverse += GROUP;
    scale += <usize>channels << 2;
    dy += bytes; x += bytes; dx += bytes;
  }
}
