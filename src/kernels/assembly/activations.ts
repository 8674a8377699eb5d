import { exp } from './exp-log';

/**
 * Activations, element by element over `count` lane groups.
 * `xForward(x, y, count)` writes y; `xBackward(x, y, dy, dx, count)` writes dx = dy * f'(x), from x or y, whichever is cheaper.
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

export function sigmoidForward(x: usize, y: usize, count: i32): void {
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

export function sigmoidBackward(x: usize, y: usize, dy: usize, dx: usize, count: i32): void {
  for (const last = end(y, count); y < last; y += 32, dy += 32, dx += 32) {
    const lo = f32x4.mul(v128.load(dy), sigmoidSlope(v128.load(y))), hi = f32x4.mul(v128.load(dy, 16), sigmoidSlope(v128.load(y, 16)));
    v128.store(dx, lo); v128.store(dx, hi, 16);
  }
}

/** SiLU: x * sigmoid(x) (Elfwing et al. 2017, https://arxiv.org/abs/1702.03118). */
export function siluForward(x: usize, y: usize, count: i32): void {
  for (const last = end(x, count); x < last; x += 32, y += 32) {
    const a = v128.load(x), b = v128.load(x, 16);
    const lo = f32x4.mul(a, sigmoid(a)), hi = f32x4.mul(b, sigmoid(b));
    v128.store(y, lo); v128.store(y, hi, 16);
  }
}

/** s (1 + x (1 - s)), s = sigmoid(x). */
// @ts-ignore: decorator
@inline
function siluSlope(x: v128): v128 {
  const s = sigmoid(x), one = f32x4.splat(1);
  return f32x4.mul(s, f32x4.add(one, f32x4.mul(x, f32x4.sub(one, s))));
}

export function siluBackward(x: usize, y: usize, dy: usize, dx: usize, count: i32): void {
  for (const last = end(x, count); x < last; x += 32, dy += 32, dx += 32) {
    const lo = f32x4.mul(v128.load(dy), siluSlope(v128.load(x))), hi = f32x4.mul(v128.load(dy, 16), siluSlope(v128.load(x, 16)));
    v128.store(dx, lo); v128.store(dx, hi, 16);
  }
}

/** max(x, 0); NaN stays. */
export function reluForward(x: usize, y: usize, count: i32): void {
  for (const last = end(x, count); x < last; x += 32, y += 32) {
    const lo = f32x4.pmax(v128.load(x), f32x4.splat(0)), hi = f32x4.pmax(v128.load(x, 16), f32x4.splat(0));
    v128.store(y, lo); v128.store(y, hi, 16);
  }
}

/** f'(0) = 0, as in PyTorch. */
export function reluBackward(x: usize, y: usize, dy: usize, dx: usize, count: i32): void {
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

export function tanhForward(x: usize, y: usize, count: i32): void {
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

export function tanhBackward(x: usize, y: usize, dy: usize, dx: usize, count: i32): void {
  for (const last = end(y, count); y < last; y += 32, dy += 32, dx += 32) {
    const lo = f32x4.mul(v128.load(dy), tanhSlope(v128.load(y))), hi = f32x4.mul(v128.load(dy, 16), tanhSlope(v128.load(y, 16)));
    v128.store(dx, lo); v128.store(dx, hi, 16);
  }
}
