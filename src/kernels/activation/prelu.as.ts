import { GROUP, promoteHigh, put } from '../shared/vector.as';

/** PReLU (He et al. 2015): x above 0, else slope * x, over `[channels][positions]` lane groups; slopes are `[channels]` float32. */
export function preluForward(x: usize, y: usize, slopes: usize, channels: i32, positions: i32): void {
  const zero = f32x4.splat(0);
  for (let c = 0; c < channels; c++, slopes += 4) {
    const slope = v128.load32_splat(slopes);
    for (const end = x + <usize>positions * GROUP; x < end; x += 16, y += 16) {
      const v = v128.load(x);
      v128.store(y, v128.bitselect(v, f32x4.mul(v, slope), f32x4.gt(v, zero)));
    }
  }
}

/** Of each slope, the sum of dy * x where x is not above 0: float64, in the order of `normGradients`. */
export function preluGradient(dy: usize, x: usize, gradient: usize, channels: i32, positions: i32, accumulate: bool): void {
  const zero = f32x4.splat(0);
  for (let c = 0; c < channels; c++, gradient += 4) {
    let p0 = f64x2.splat(0), p1 = p0;
    for (const end = x + <usize>positions * GROUP; x < end; x += 16, dy += 16) {
      const v = v128.load(x), product = v128.andnot(f32x4.mul(v128.load(dy), v), f32x4.gt(v, zero));
      p0 = f64x2.add(p0, f64x2.promote_low_f32x4(product));
      p1 = f64x2.add(p1, promoteHigh(product));
    }
    const p = f64x2.add(p0, p1), sum = <f32>(f64x2.extract_lane(p, 0) + f64x2.extract_lane(p, 1));
    put(gradient, sum, accumulate);
  }
}

/** dx = dy where x is above 0, else slope * dy; dx may be dy. */
export function preluInputGradient(dy: usize, x: usize, dx: usize, slopes: usize, channels: i32, positions: i32): void {
  const zero = f32x4.splat(0);
  for (let c = 0; c < channels; c++, slopes += 4) {
    const slope = v128.load32_splat(slopes);
    for (const end = x + <usize>positions * GROUP; x < end; x += 16, dy += 16, dx += 16) {
      const d = v128.load(dy);
      v128.store(dx, v128.bitselect(d, f32x4.mul(d, slope), f32x4.gt(v128.load(x), zero)));
    }
  }
}
