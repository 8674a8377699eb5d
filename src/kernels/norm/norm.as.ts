import { GROUP, promoteHigh, put } from '../shared/vector.as';

/** Normalization by channels: tensors are `[channels][positions]` lane groups; what a channel has of its own is `[channels]` float32. */

/**
 * A micro-batch's part in the sums over a mini-batch: of each channel the sum of its values and that of their squares, two float64 at
 * `sums`, over the first `samples` lanes. Each lane adds up its own positions; then the lanes are added in order.
 */
export function channelSums(
  x: usize, sums: usize, channels: i32, positions: i32, samples: i32, accumulate: bool,
): void {
  for (let c = 0; c < channels; c++) {
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0, q0 = s0, q1 = s0, q2 = s0, q3 = s0;
    for (const end = x + <usize>positions * GROUP; x < end; x += GROUP) {
      const low = v128.load(x), high = v128.load(x, 16);
      const a = f64x2.promote_low_f32x4(low), b = promoteHigh(low);
      const d = f64x2.promote_low_f32x4(high), e = promoteHigh(high);
      s0 = f64x2.add(s0, a); q0 = f64x2.add(q0, f64x2.mul(a, a));
      s1 = f64x2.add(s1, b); q1 = f64x2.add(q1, f64x2.mul(b, b));
      s2 = f64x2.add(s2, d); q2 = f64x2.add(q2, f64x2.mul(d, d));
      s3 = f64x2.add(s3, e); q3 = f64x2.add(q3, f64x2.mul(e, e));
    }
    let sum: f64 = 0, squares: f64 = 0;
    if (samples > 0) { sum += f64x2.extract_lane(s0, 0); squares += f64x2.extract_lane(q0, 0); }
    if (samples > 1) { sum += f64x2.extract_lane(s0, 1); squares += f64x2.extract_lane(q0, 1); }
    if (samples > 2) { sum += f64x2.extract_lane(s1, 0); squares += f64x2.extract_lane(q1, 0); }
    if (samples > 3) { sum += f64x2.extract_lane(s1, 1); squares += f64x2.extract_lane(q1, 1); }
    if (samples > 4) { sum += f64x2.extract_lane(s2, 0); squares += f64x2.extract_lane(q2, 0); }
    if (samples > 5) { sum += f64x2.extract_lane(s2, 1); squares += f64x2.extract_lane(q2, 1); }
    if (samples > 6) { sum += f64x2.extract_lane(s3, 0); squares += f64x2.extract_lane(q3, 0); }
    if (samples > 7) { sum += f64x2.extract_lane(s3, 1); squares += f64x2.extract_lane(q3, 1); }
    store<f64>(sums, accumulate ? load<f64>(sums) + sum : sum);
    store<f64>(sums, accumulate ? load<f64>(sums, 8) + squares : squares, 8);
    sums += 16;
  }
}

/** y = x * scale + shift, by channel. */
export function scaleChannels(x: usize, y: usize, scale: usize, shift: usize, channels: i32, positions: i32): void {
  for (let c = 0; c < channels; c++, scale += 4, shift += 4) {
    const factor = v128.load32_splat(scale), offset = v128.load32_splat(shift);
    for (const end = x + <usize>positions * GROUP; x < end; x += 16, y += 16) {
      v128.store(y, f32x4.add(f32x4.mul(v128.load(x), factor), offset));
    }
  }
}

/** Of each channel, the sums of dy * (x - mean) * inverse and of dy over positions and lanes: gradients of the scale and of the shift. */
export function normGradients(
  dy: usize, x: usize, mean: usize, inverse: usize, scaleGradient: usize, shiftGradient: usize,
  channels: i32, positions: i32, accumulate: bool,
): void {
  for (let c = 0; c < channels; c++, mean += 4, inverse += 4, scaleGradient += 4, shiftGradient += 4) {
    const m = v128.load32_splat(mean);
    let p0 = f64x2.splat(0), p1 = p0, g0 = p0, g1 = p0;
    for (const end = x + <usize>positions * GROUP; x < end; x += 16, dy += 16) {
      const g = v128.load(dy), product = f32x4.mul(g, f32x4.sub(v128.load(x), m));
      p0 = f64x2.add(p0, f64x2.promote_low_f32x4(product));
      p1 = f64x2.add(p1, promoteHigh(product));
      g0 = f64x2.add(g0, f64x2.promote_low_f32x4(g));
      g1 = f64x2.add(g1, promoteHigh(g));
    }
    const p = f64x2.add(p0, p1), q = f64x2.add(g0, g1);
    const scale = <f32>((f64x2.extract_lane(p, 0) + f64x2.extract_lane(p, 1)) * <f64>load<f32>(inverse));
    const shift = <f32>(f64x2.extract_lane(q, 0) + f64x2.extract_lane(q, 1));
    put(scaleGradient, scale, accumulate);
    put(shiftGradient, shift, accumulate);
  }
}

/** dx = ((dy - meanGradient) - (x - mean) * slope) * factor, by channel; 0 in the lanes from `samples` on. */
export function normInputGradient(
  dy: usize, x: usize, dx: usize, mean: usize, meanGradient: usize, slope: usize, factor: usize,
  channels: i32, positions: i32, samples: i32,
): void {
  const count = i32x4.splat(samples);
  const low = i32x4.lt_s(i32x4(0, 1, 2, 3), count), high = i32x4.lt_s(i32x4(4, 5, 6, 7), count);
  for (let c = 0; c < channels; c++, mean += 4, meanGradient += 4, slope += 4, factor += 4) {
    const m = v128.load32_splat(mean), g = v128.load32_splat(meanGradient);
    const k = v128.load32_splat(slope), f = v128.load32_splat(factor);
    for (const end = x + <usize>positions * GROUP; x < end; x += GROUP, dy += GROUP, dx += GROUP) {
      const a = f32x4.sub(f32x4.sub(v128.load(dy), g), f32x4.mul(f32x4.sub(v128.load(x), m), k));
      const b = f32x4.sub(f32x4.sub(v128.load(dy, 16), g), f32x4.mul(f32x4.sub(v128.load(x, 16), m), k));
      v128.store(dx, v128.and(f32x4.mul(a, f), low));
      v128.store(dx, v128.and(f32x4.mul(b, f), high), 16);
    }
  }
}
