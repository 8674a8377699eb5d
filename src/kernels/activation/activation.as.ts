import { exp } from '../shared/exp-log.as';

/**
 * Activations, element by element over `count` lane groups.
 * `xForward(x, y, slope, count)` writes y, and f'(x) if the backward pass cannot tell it from y; `xBackward(kept, dy, dx, count)` writes
 * dx = dy * f'(x) from that slope, or from y. Each may work in place.
 * A whole group a turn: what V8 does once a turn (a dozen constants for exp) is then shared by two vectors.
 */

// @ts-ignore: decorator
@inline
function end(from: usize, count: i32): usize {
  return from + (<usize>count << 5);
}

// @ts-ignore: decorator
@inline
function sigmoid(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp(f32x4.neg(x))));
}

export function sigmoidForward(x: usize, y: usize, slope: usize, count: i32): void {
  for (const last = end(x, count); x < last; x += 32, y += 32) {
    const lo = sigmoid(v128.load(x)), hi = sigmoid(v128.load(x, 16));
    v128.store(y, lo); v128.store(y, hi, 16);
  }
}

// @ts-ignore: decorator
@inline
function sigmoidSlope(y: v128): v128 {
  return f32x4.mul(y, f32x4.sub(f32x4.splat(1), y));
}

export function sigmoidBackward(y: usize, dy: usize, dx: usize, count: i32): void {
  for (const last = end(y, count); y < last; y += 32, dy += 32, dx += 32) {
    const lo = f32x4.mul(v128.load(dy), sigmoidSlope(v128.load(y))), hi = f32x4.mul(v128.load(dy, 16), sigmoidSlope(v128.load(y, 16)));
    v128.store(dx, lo); v128.store(dx, hi, 16);
  }
}

/**
 * SiLU: x * sigmoid(x) (Elfwing et al. 2017, https://arxiv.org/abs/1702.03118). Its slope, s (1 + x (1 - s)) with s = sigmoid(x), is
 * written beside it, as it costs no second exp; unless `slope` is 0.
 */
export function siluForward(x: usize, y: usize, slope: usize, count: i32): void {
  const one = f32x4.splat(1);
  if (slope == 0) {
    for (const last = end(x, count); x < last; x += 32, y += 32) {
      const a = v128.load(x), b = v128.load(x, 16);
      const lo = f32x4.mul(a, sigmoid(a)), hi = f32x4.mul(b, sigmoid(b));
      v128.store(y, lo); v128.store(y, hi, 16);
    }
    return;
  }
  for (const last = end(x, count); x < last; x += 32, y += 32, slope += 32) {
    const a = v128.load(x), b = v128.load(x, 16), s = sigmoid(a), t = sigmoid(b);
    const lo = f32x4.mul(a, s), hi = f32x4.mul(b, t);
    v128.store(y, lo); v128.store(y, hi, 16);
    const slo = f32x4.mul(s, f32x4.add(one, f32x4.mul(a, f32x4.sub(one, s)))), shi = f32x4.mul(t, f32x4.add(one, f32x4.mul(b, f32x4.sub(one, t))));
    v128.store(slope, slo); v128.store(slope, shi, 16);
  }
}

export function siluBackward(slope: usize, dy: usize, dx: usize, count: i32): void {
  for (const last = end(slope, count); slope < last; slope += 32, dy += 32, dx += 32) {
    const lo = f32x4.mul(v128.load(dy), v128.load(slope)), hi = f32x4.mul(v128.load(dy, 16), v128.load(slope, 16));
    v128.store(dx, lo); v128.store(dx, hi, 16);
  }
}

/**
 * y = max(y, silu(low)), where y is the SiLU of a window's highest value and `low` its lowest, with the place and the slope that belong to
 * it, if these are there (not 0). It can only be the lowest where the highest is negative, and the lowest left of SiLU's bottom, near
 * -1.2785: often none of four is.
 */
export function siluOfLow(low: usize, y: usize, slope: usize, at: usize, lowAt: usize, count: i32): void {
  const one = f32x4.splat(1), zero = f32x4.splat(0), bottom = f32x4.splat(-1.2784);
  for (let i: usize = 0, bytes = <usize>count << 5; i < bytes; i += 16) {
    const x = v128.load(low + i), high = v128.load(y + i);
    if (!v128.any_true(v128.and(f32x4.lt(x, bottom), f32x4.lt(high, zero)))) continue;
    const s = sigmoid(x), value = f32x4.mul(x, s), higher = f32x4.gt(value, high);
    v128.store(y + i, v128.bitselect(value, high, higher));
    if (at) v128.store(at + i, v128.bitselect(v128.load(lowAt + i), v128.load(at + i), higher));
    if (slope) {
      const d = f32x4.mul(s, f32x4.add(one, f32x4.mul(x, f32x4.sub(one, s))));
      v128.store(slope + i, v128.bitselect(d, v128.load(slope + i), higher));
    }
  }
}

/** max(x, 0); NaN stays. */
export function reluForward(x: usize, y: usize, slope: usize, count: i32): void {
  for (const last = end(x, count); x < last; x += 32, y += 32) {
    const lo = f32x4.pmax(v128.load(x), f32x4.splat(0)), hi = f32x4.pmax(v128.load(x, 16), f32x4.splat(0));
    v128.store(y, lo); v128.store(y, hi, 16);
  }
}

/** f'(0) = 0, as in PyTorch. */
export function reluBackward(y: usize, dy: usize, dx: usize, count: i32): void {
  for (const last = end(y, count); y < last; y += 32, dy += 32, dx += 32) {
    const lo = v128.and(v128.load(dy), f32x4.gt(v128.load(y), f32x4.splat(0)));
    const hi = v128.and(v128.load(dy, 16), f32x4.gt(v128.load(y, 16), f32x4.splat(0)));
    v128.store(dx, lo); v128.store(dx, hi, 16);
  }
}

/** Below 0.625 a polynomial, which keeps small values exact to rounding; above it 1 - 2 / (e^2|x| + 1) (Cephes, tanhf.c). */
// @ts-ignore: decorator
@inline
function tanh(x: v128): v128 {
  const a = f32x4.abs(x), z = f32x4.mul(x, x);
  let p = f32x4.splat(-5.70498872745e-3);
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(2.06390887954e-2));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-5.37397155531e-2));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(1.33314422036e-1));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-3.33332819422e-1));
  const near = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  const far = f32x4.sub(f32x4.splat(1), f32x4.div(f32x4.splat(2), f32x4.add(exp(f32x4.add(a, a)), f32x4.splat(1))));
  const signed = v128.or(far, v128.and(x, i32x4.splat(0x80000000)));
  return v128.bitselect(signed, near, f32x4.ge(a, f32x4.splat(0.625)));
}

export function tanhForward(x: usize, y: usize, slope: usize, count: i32): void {
  for (const last = end(x, count); x < last; x += 32, y += 32) {
    const lo = tanh(v128.load(x)), hi = tanh(v128.load(x, 16));
    v128.store(y, lo); v128.store(y, hi, 16);
  }
}

// @ts-ignore: decorator
@inline
function tanhSlope(y: v128): v128 {
  return f32x4.sub(f32x4.splat(1), f32x4.mul(y, y));
}

export function tanhBackward(y: usize, dy: usize, dx: usize, count: i32): void {
  for (const last = end(y, count); y < last; y += 32, dy += 32, dx += 32) {
    const lo = f32x4.mul(v128.load(dy), tanhSlope(v128.load(y))), hi = f32x4.mul(v128.load(dy, 16), tanhSlope(v128.load(y, 16)));
    v128.store(dx, lo); v128.store(dx, hi, 16);
  }
}
