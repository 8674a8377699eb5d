import { BLOCK, madd, put } from '../shared/vector.as';
import { blockWidth } from './weighted-sums.as';
import { Four, One, Three, Two, widthOf } from '../shared/width.as';

/**
 * Dense layers, weights `[outputs][inputs]` as PyTorch keeps them. The input gradient is `weightedSums` over the same matrix.
 */

// @ts-ignore: decorator
@inline
function forwardBlock(width: i32, x: usize, size: usize, w0: usize, row: usize, bias: usize, y: usize, accumulate: bool): void {
  const w1 = w0 + row, w2 = w1 + row, w3 = w2 + row;
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
  if (!accumulate && bias) {
    a0 = v128.load32_splat(bias);
    if (width > 1) a1 = v128.load32_splat(bias, 4);
    if (width > 2) a2 = v128.load32_splat(bias, 8);
    if (width > 3) a3 = v128.load32_splat(bias, 12);
  }
  let b0 = a0, b1 = a1, b2 = a2, b3 = a3;
  for (let k: usize = 0; k < size; k += 4) {
    const at = x + (k << 3);
    const lo = v128.load(at), hi = v128.load(at, 16);
    let s = v128.load32_splat(w0 + k);
    a0 = madd(a0, lo, s); b0 = madd(b0, hi, s);
    if (width > 1) { s = v128.load32_splat(w1 + k); a1 = madd(a1, lo, s); b1 = madd(b1, hi, s); }
    if (width > 2) { s = v128.load32_splat(w2 + k); a2 = madd(a2, lo, s); b2 = madd(b2, hi, s); }
    if (width > 3) { s = v128.load32_splat(w3 + k); a3 = madd(a3, lo, s); b3 = madd(b3, hi, s); }
  }
  if (accumulate) {
    a0 = f32x4.add(v128.load(y), a0); b0 = f32x4.add(v128.load(y, 16), b0);
    if (width > 1) { a1 = f32x4.add(v128.load(y, 32), a1); b1 = f32x4.add(v128.load(y, 48), b1); }
    if (width > 2) { a2 = f32x4.add(v128.load(y, 64), a2); b2 = f32x4.add(v128.load(y, 80), b2); }
    if (width > 3) { a3 = f32x4.add(v128.load(y, 96), a3); b3 = f32x4.add(v128.load(y, 112), b3); }
  }
  v128.store(y, a0); v128.store(y, b0, 16);
  if (width > 1) { v128.store(y, a1, 32); v128.store(y, b1, 48); }
  if (width > 2) { v128.store(y, a2, 64); v128.store(y, b2, 80); }
  if (width > 3) { v128.store(y, a3, 96); v128.store(y, b3, 112); }
}

function forwardOf<Width>(x: usize, size: usize, w: usize, row: usize, bias: usize, y: usize, accumulate: bool): void {
  forwardBlock(widthOf<Width>(), x, size, w, row, bias, y, accumulate);
}

/** y[o] = bias[o] + sum over i of w[o][i] * x[i], in blocks of `BLOCK` inputs; x `[inputs]` and y `[outputs]` lane groups; bias 0 for none. */
export function denseForward(x: usize, inputs: i32, w: usize, bias: usize, y: usize, outputs: i32): void {
  const row = <usize>inputs << 2, block: usize = BLOCK << 2;
  for (let left = outputs; left > 0; ) {
    const width = blockWidth(left);
    for (let k: usize = 0; k < row; k += block) {
      const from = x + (k << 3), size = min(row - k, block), at = w + k, again = k > 0;
      if (width == 4) forwardOf<Four>(from, size, at, row, bias, y, again);
      else if (width == 3) forwardOf<Three>(from, size, at, row, bias, y, again);
      else if (width == 2) forwardOf<Two>(from, size, at, row, bias, y, again);
      else forwardOf<One>(from, size, at, row, bias, y, again);
    }
    left -= width;
    w += <usize>width * row;
    if (bias) bias += <usize>width << 2;
    y += <usize>width << 5;
  }
}

// @ts-ignore: decorator
@inline
function putVector(at: usize, value: v128, accumulate: bool): void {
  v128.store(at, accumulate ? f32x4.add(v128.load(at), value) : value);
}

// @ts-ignore: decorator
@inline
function putRow(at: usize, lo: v128, hi: v128, count: i32, accumulate: bool): void {
  if (count >= 8) {
    if (accumulate) {
      lo = f32x4.add(v128.load(at), lo);
      hi = f32x4.add(v128.load(at, 16), hi);
    }
    v128.store(at, lo); v128.store(at, hi, 16);
    return;
  }
  if (count >= 4) {
    putVector(at, lo, accumulate);
    at += 16;
    lo = hi;
    count -= 4;
  }
  for (; count > 0; count--) {
    const value = f32x4.extract_lane(lo, 0);
    put(at, value, accumulate);
    lo = v128.shuffle<f32>(lo, lo, 1, 2, 3, 0);
    at += 4;
  }
}

/** dw[o..o + width][i..i + 8]: 8 samples, one after the other. */
// @ts-ignore: decorator
@inline
function gradientBlock(width: i32, dy: usize, xt: usize, xtRow: usize, dw: usize, row: usize, count: i32, accumulate: bool): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  const end = dy + 32;
  do {
    const lo = v128.load(xt), hi = v128.load(xt, 16);
    let s = v128.load32_splat(dy);
    a0 = madd(a0, lo, s); b0 = madd(b0, hi, s);
    if (width > 1) { s = v128.load32_splat(dy, 32); a1 = madd(a1, lo, s); b1 = madd(b1, hi, s); }
    if (width > 2) { s = v128.load32_splat(dy, 64); a2 = madd(a2, lo, s); b2 = madd(b2, hi, s); }
    if (width > 3) { s = v128.load32_splat(dy, 96); a3 = madd(a3, lo, s); b3 = madd(b3, hi, s); }
    xt += xtRow;
    dy += 4;
  } while (dy < end);
  putRow(dw, a0, b0, count, accumulate);
  if (width > 1) putRow(dw + row, a1, b1, count, accumulate);
  if (width > 2) putRow(dw + row * 2, a2, b2, count, accumulate);
  if (width > 3) putRow(dw + row * 3, a3, b3, count, accumulate);
}

// @ts-ignore: decorator
@inline
function gradientRows(width: i32, dy: usize, xt: usize, xtRow: usize, dw: usize, inputs: i32, accumulate: bool): void {
  const row = <usize>inputs << 2;
  for (let left = inputs; left > 0; left -= 8) {
    gradientBlock(width, dy, xt, xtRow, dw, row, left, accumulate);
    xt += 32;
    dw += 32;
  }
}

function gradientOf<Width>(dy: usize, xt: usize, xtRow: usize, dw: usize, inputs: i32, accumulate: bool): void {
  gradientRows(widthOf<Width>(), dy, xt, xtRow, dw, inputs, accumulate);
}

/**
 * dw[o][i] = sum over the 8 samples of dy[o] * x[i].
 *
 * @param dy `[outputs]` lane groups
 * @param xt the inputs as `transpose` writes them: 8 rows, `inputs` rounded up to 8 floats each
 * @param dw `[outputs][inputs]`; added to if `accumulate`
 */
export function denseWeightGradient(dy: usize, xt: usize, dw: usize, outputs: i32, inputs: i32, accumulate: bool): void {
  const xtRow = <usize>((inputs + 7) & ~7) << 2;
  for (let left = outputs; left > 0; ) {
    const width = blockWidth(left);
    if (width == 4) gradientOf<Four>(dy, xt, xtRow, dw, inputs, accumulate);
    else if (width == 3) gradientOf<Three>(dy, xt, xtRow, dw, inputs, accumulate);
    else if (width == 2) gradientOf<Two>(dy, xt, xtRow, dw, inputs, accumulate);
    else gradientOf<One>(dy, xt, xtRow, dw, inputs, accumulate);
    left -= width;
    dy += <usize>width << 5;
    dw += <usize>(width * inputs) << 2;
  }
}
