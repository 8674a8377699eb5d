import { exp, expMinusOne } from '../shared/exp-log.as';

/**
 * Activations, element by element over `count` lane groups.
 * `xForward(x, y, slope, count)` writes y, and f'(x) if the backward pass cannot tell it from y; `xBackward(kept, dy, dx, count)` writes
 * dx = dy * f'(x) from y, `slopeBackward` from that slope. Each may work in place. An activation's option follows the count.
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

/** dx = dy * slope, of every activation that keeps its slope. */
export function slopeBackward(slope: usize, dy: usize, dx: usize, count: i32): void {
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

/** min(max(x, 0), 6); NaN stays. */
export function relu6Forward(x: usize, y: usize, slope: usize, count: i32): void {
  const zero = f32x4.splat(0), six = f32x4.splat(6);
  for (const last = end(x, count); x < last; x += 32, y += 32) {
    const lo = f32x4.pmin(f32x4.pmax(v128.load(x), zero), six), hi = f32x4.pmin(f32x4.pmax(v128.load(x, 16), zero), six);
    v128.store(y, lo); v128.store(y, hi, 16);
  }
}

/** f'(0) = f'(6) = 0, as in PyTorch. */
export function relu6Backward(y: usize, dy: usize, dx: usize, count: i32): void {
  const zero = f32x4.splat(0), six = f32x4.splat(6);
  for (const last = end(y, count); y < last; y += 32, dy += 32, dx += 32) {
    const a = v128.load(y), b = v128.load(y, 16);
    const lo = v128.and(v128.load(dy), v128.and(f32x4.gt(a, zero), f32x4.lt(a, six)));
    const hi = v128.and(v128.load(dy, 16), v128.and(f32x4.gt(b, zero), f32x4.lt(b, six)));
    v128.store(dx, lo); v128.store(dx, hi, 16);
  }
}

/** x above 0, else a * x. */
export function leakyReluForward(x: usize, y: usize, slope: usize, count: i32, a: f32): void {
  const factor = f32x4.splat(a), zero = f32x4.splat(0);
  for (const last = end(x, count); x < last; x += 32, y += 32) {
    const p = v128.load(x), q = v128.load(x, 16);
    const lo = v128.bitselect(p, f32x4.mul(p, factor), f32x4.gt(p, zero)), hi = v128.bitselect(q, f32x4.mul(q, factor), f32x4.gt(q, zero));
    v128.store(y, lo); v128.store(y, hi, 16);
  }
}

/** f'(0) = a, as in PyTorch. */
export function leakyReluBackward(y: usize, dy: usize, dx: usize, count: i32, a: f32): void {
  const factor = f32x4.splat(a), zero = f32x4.splat(0);
  for (const last = end(y, count); y < last; y += 32, dy += 32, dx += 32) {
    const p = v128.load(dy), q = v128.load(dy, 16);
    const lo = v128.bitselect(p, f32x4.mul(p, factor), f32x4.gt(v128.load(y), zero));
    const hi = v128.bitselect(q, f32x4.mul(q, factor), f32x4.gt(v128.load(y, 16), zero));
    v128.store(dx, lo); v128.store(dx, hi, 16);
  }
}

/** ELU (Clevert et al. 2015): x above 0, else a * (e^x - 1). */
export function eluForward(x: usize, y: usize, slope: usize, count: i32, a: f32): void {
  const factor = f32x4.splat(a), zero = f32x4.splat(0);
  for (const last = end(x, count); x < last; x += 32, y += 32) {
    const p = v128.load(x), q = v128.load(x, 16);
    const lo = v128.bitselect(p, f32x4.mul(expMinusOne(p), factor), f32x4.gt(p, zero));
    const hi = v128.bitselect(q, f32x4.mul(expMinusOne(q), factor), f32x4.gt(q, zero));
    v128.store(y, lo); v128.store(y, hi, 16);
  }
}

/** 1 above 0, else y + a. */
export function eluBackward(y: usize, dy: usize, dx: usize, count: i32, a: f32): void {
  const added = f32x4.splat(a), zero = f32x4.splat(0), one = f32x4.splat(1);
  for (const last = end(y, count); y < last; y += 32, dy += 32, dx += 32) {
    const p = v128.load(y), q = v128.load(y, 16);
    const lo = f32x4.mul(v128.load(dy), v128.bitselect(one, f32x4.add(p, added), f32x4.gt(p, zero)));
    const hi = f32x4.mul(v128.load(dy, 16), v128.bitselect(one, f32x4.add(q, added), f32x4.gt(q, zero)));
    v128.store(dx, lo); v128.store(dx, hi, 16);
  }
}

// @ts-ignore: decorator
@inline
function hardSwish(x: v128): v128 {
  const held = f32x4.pmin(f32x4.pmax(f32x4.add(x, f32x4.splat(3)), f32x4.splat(0)), f32x4.splat(6));
  return f32x4.div(f32x4.mul(x, held), f32x4.splat(6));
}

/** 0 below -3, 1 above 3, between them x / 3 + 1/2, as in PyTorch. */
// @ts-ignore: decorator
@inline
function hardSwishSlope(x: v128): v128 {
  const middle = f32x4.add(f32x4.div(x, f32x4.splat(3)), f32x4.splat(0.5));
  const upper = v128.bitselect(f32x4.splat(1), middle, f32x4.gt(x, f32x4.splat(3)));
  return v128.andnot(upper, f32x4.lt(x, f32x4.splat(-3)));
}

/** Hard swish: x * min(max(x + 3, 0), 6) / 6 (Howard et al. 2019). */
export function hardSwishForward(x: usize, y: usize, slope: usize, count: i32): void {
  for (const last = end(x, count); x < last; x += 32, y += 32) {
    const a = v128.load(x), b = v128.load(x, 16), lo = hardSwish(a), hi = hardSwish(b);
    v128.store(y, lo); v128.store(y, hi, 16);
    if (slope == 0) continue;
    const slo = hardSwishSlope(a), shi = hardSwishSlope(b);
    v128.store(slope, slo); v128.store(slope, shi, 16);
    slope += 32;
  }
}

/**
 * The normal distribution's function at x, from E = e^(-x^2 / 2): with z = |x| / sqrt(2) and u = 1 / (1 + 0.465 z), half of erfc(z) is
 * u * P(u) * E / 2 (the form of Abramowitz and Stegun 7.1.26; P fitted for |x| < 7, where its error is below 6e-9). Largest error 1.7e-7.
 */
// @ts-ignore: decorator
@inline
function normalBelow(x: v128, e: v128): v128 {
  const one = f32x4.splat(1), z = f32x4.mul(f32x4.abs(x), f32x4.splat(0.7071067811865475));
  const u = f32x4.div(one, f32x4.add(one, f32x4.mul(z, f32x4.splat(0.465))));
  let p = f32x4.splat(0.09064777195453644);
  p = f32x4.add(f32x4.mul(p, u), f32x4.splat(-0.44359853863716125));
  p = f32x4.add(f32x4.mul(p, u), f32x4.splat(0.6755922436714172));
  p = f32x4.add(f32x4.mul(p, u), f32x4.splat(-0.1911078244447708));
  p = f32x4.add(f32x4.mul(p, u), f32x4.splat(0.36767181754112244));
  p = f32x4.add(f32x4.mul(p, u), f32x4.splat(0.2363402247428894));
  p = f32x4.add(f32x4.mul(p, u), f32x4.splat(0.26445430517196655));
  const tail = f32x4.mul(f32x4.splat(0.5), f32x4.mul(f32x4.mul(u, p), e));
  return v128.bitselect(tail, f32x4.sub(one, tail), f32x4.lt(x, f32x4.splat(0)));
}

/**
 * GELU (Hendrycks and Gimpel 2016), in its exact form, PyTorch's default: x * Phi(x), Phi the normal distribution's function. Its slope,
 * Phi(x) + x * e^(-x^2 / 2) / sqrt(2 pi), is written beside it unless `slope` is 0.
 */
export function geluForward(x: usize, y: usize, slope: usize, count: i32): void {
  const density = f32x4.splat(0.3989422804014327), half = f32x4.splat(-0.5);
  for (const last = end(x, count); x < last; x += 32, y += 32) {
    const a = v128.load(x), b = v128.load(x, 16);
    const e = exp(f32x4.mul(f32x4.mul(half, a), a)), f = exp(f32x4.mul(f32x4.mul(half, b), b));
    const below = normalBelow(a, e), belowToo = normalBelow(b, f);
    v128.store(y, f32x4.mul(a, below)); v128.store(y, f32x4.mul(b, belowToo), 16);
    if (slope == 0) continue;
    v128.store(slope, f32x4.add(below, f32x4.mul(f32x4.mul(a, density), e)));
    v128.store(slope, f32x4.add(belowToo, f32x4.mul(f32x4.mul(b, density), f)), 16);
    slope += 32;
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
