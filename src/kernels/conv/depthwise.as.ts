import { GROUP, madd } from '../shared/vector.as';
import { Five, Four, One, Three, Two, widthOf } from '../shared/width.as';

/**
 * Depthwise convolution: a plane of outputs sees one plane of inputs,
 *
 *   y[row][column] = sum over i, j of w[i][j] * x[row * stride + i * dilation - top][column * stride + j * dilation - left],
 *
 * and what lies outside of the picture is left out. Planes are lane groups without gaps. The order of a sum is (i, j), at the edges as
 * inside. A row of y takes a kernel row after the other, with up to 5 of its taps in registers; or all 3 rows of 3 taps at once.
 */

/** The first of the outputs of a row for which all taps are in the picture; `columns` at most. */
// @ts-ignore: decorator
@inline
export function innerBegin(columns: i32, stride: i32, left: i32): i32 {
  return left > 0 ? min(columns, (left + stride - 1) / stride) : 0;
}

/** The end of these outputs, where the last tap reads `reach` columns behind the first. */
// @ts-ignore: decorator
@inline
export function innerEnd(begin: i32, columns: i32, stride: i32, left: i32, width: i32, reach: i32): i32 {
  const room = width - 1 + left - reach;
  return room < 0 ? begin : max(begin, min(columns, room / stride + 1));
}

/** One output at an edge, of the kernel rows and taps that are in the picture. @param x the row of the first of these kernel rows */
function edgeOutput(
  kernelRows: i32, taps: i32, x: usize, xRow: usize, width: i32, w: usize, rowStep: i32, tapStep: i32, start: v128, y: usize,
  column: i32, dilation: i32, accumulate: bool,
): void {
  let lo = accumulate ? v128.load(y) : start, hi = accumulate ? v128.load(y, 16) : start;
  for (let i = 0; i < kernelRows; i++, x += xRow, w += <usize>rowStep) {
    let tap = w;
    for (let j = 0, c = column; j < taps; j++, c += dilation, tap += <usize>tapStep) {
      if (<u32>c >= <u32>width) continue;
      const at = x + <usize>(c << 5), s = v128.load32_splat(tap);
      lo = madd(lo, v128.load(at), s); hi = madd(hi, v128.load(at, 16), s);
    }
  }
  v128.store(y, lo); v128.store(y, hi, 16);
}

/**
 * Outputs inside, of 3 taps by up to 3 kernel rows: all weights stay in registers, and a sum is stored once.
 * @param x of the first output's first tap
 */
function sumsOfRows<KernelRows>(
  x: usize, xRow: usize, w: usize, rowStep: i32, tapStep: i32, start: v128, y: usize, count: i32, xStep: usize, apart: usize,
): void {
  const kernelRows = widthOf<KernelRows>(), step = <usize>tapStep;
  const w0 = v128.load32_splat(w), w1 = v128.load32_splat(w + step), w2 = v128.load32_splat(w + step * 2);
  let w3 = w0, w4 = w0, w5 = w0, w6 = w0, w7 = w0, w8 = w0;
  if (kernelRows > 1) { w += <usize>rowStep; w3 = v128.load32_splat(w); w4 = v128.load32_splat(w + step); w5 = v128.load32_splat(w + step * 2); }
  if (kernelRows > 2) { w += <usize>rowStep; w6 = v128.load32_splat(w); w7 = v128.load32_splat(w + step); w8 = v128.load32_splat(w + step * 2); }
  for (const end = y + <usize>count * GROUP; y < end; y += GROUP, x += xStep) {
    let at = x;
    let lo = madd(start, v128.load(at), w0), hi = madd(start, v128.load(at, 16), w0);
    lo = madd(lo, v128.load(at + apart), w1); hi = madd(hi, v128.load(at + apart, 16), w1);
    lo = madd(lo, v128.load(at + apart * 2), w2); hi = madd(hi, v128.load(at + apart * 2, 16), w2);
    if (kernelRows > 1) {
      at += xRow;
      lo = madd(lo, v128.load(at), w3); hi = madd(hi, v128.load(at, 16), w3);
      lo = madd(lo, v128.load(at + apart), w4); hi = madd(hi, v128.load(at + apart, 16), w4);
      lo = madd(lo, v128.load(at + apart * 2), w5); hi = madd(hi, v128.load(at + apart * 2, 16), w5);
    }
    if (kernelRows > 2) {
      at += xRow;
      lo = madd(lo, v128.load(at), w6); hi = madd(hi, v128.load(at, 16), w6);
      lo = madd(lo, v128.load(at + apart), w7); hi = madd(hi, v128.load(at + apart, 16), w7);
      lo = madd(lo, v128.load(at + apart * 2), w8); hi = madd(hi, v128.load(at + apart * 2, 16), w8);
    }
    v128.store(y, lo); v128.store(y, hi, 16);
  }
}

/** Adds up to 5 taps of a kernel row to outputs inside. @param x of the first output's first tap */
function addTaps<Taps>(x: usize, w: usize, tapStep: i32, y: usize, count: i32, xStep: usize, apart: usize): void {
  const taps = widthOf<Taps>(), step = <usize>tapStep;
  const w0 = v128.load32_splat(w), w1 = taps > 1 ? v128.load32_splat(w + step) : w0, w2 = taps > 2 ? v128.load32_splat(w + step * 2) : w0;
  const w3 = taps > 3 ? v128.load32_splat(w + step * 3) : w0, w4 = taps > 4 ? v128.load32_splat(w + step * 4) : w0;
  for (const end = y + <usize>count * GROUP; y < end; y += GROUP, x += xStep) {
    let lo = v128.load(y), hi = v128.load(y, 16);
    lo = madd(lo, v128.load(x), w0); hi = madd(hi, v128.load(x, 16), w0);
    if (taps > 1) { lo = madd(lo, v128.load(x + apart), w1); hi = madd(hi, v128.load(x + apart, 16), w1); }
    if (taps > 2) { lo = madd(lo, v128.load(x + apart * 2), w2); hi = madd(hi, v128.load(x + apart * 2, 16), w2); }
    if (taps > 3) { lo = madd(lo, v128.load(x + apart * 3), w3); hi = madd(hi, v128.load(x + apart * 3, 16), w3); }
    if (taps > 4) { lo = madd(lo, v128.load(x + apart * 4), w4); hi = madd(hi, v128.load(x + apart * 4, 16), w4); }
    v128.store(y, lo); v128.store(y, hi, 16);
  }
}

/** The outputs of a row for which all taps are in the picture, by any kernel. */
// @ts-ignore: decorator
@inline
function innerRow(
  kernelRows: i32, taps: i32, x: usize, xRow: usize, w: usize, rowStep: i32, tapStep: i32, start: v128, y: usize, count: i32, xStep: usize,
  apart: usize, accumulate: bool,
): void {
  if (taps == 3 && !accumulate && kernelRows > 0 && kernelRows <= 3) {
    if (kernelRows == 3) sumsOfRows<Three>(x, xRow, w, rowStep, tapStep, start, y, count, xStep, apart);
    else if (kernelRows == 2) sumsOfRows<Two>(x, xRow, w, rowStep, tapStep, start, y, count, xStep, apart);
    else sumsOfRows<One>(x, xRow, w, rowStep, tapStep, start, y, count, xStep, apart);
    return;
  }
  if (!accumulate) {
    const end = y + <usize>count * GROUP;
    for (let to = y; to < end; to += GROUP) { v128.store(to, start); v128.store(to, start, 16); }
  }
  for (let i = 0; i < kernelRows; i++, x += xRow, w += <usize>rowStep) {
    let at = x, tap = w;
    for (let left = taps; left > 0; left -= 5, at += apart * 5, tap += <usize>(tapStep * 5)) {
      if (left >= 5) addTaps<Five>(at, tap, tapStep, y, count, xStep, apart);
      else if (left == 4) addTaps<Four>(at, tap, tapStep, y, count, xStep, apart);
      else if (left == 3) addTaps<Three>(at, tap, tapStep, y, count, xStep, apart);
      else if (left == 2) addTaps<Two>(at, tap, tapStep, y, count, xStep, apart);
      else addTaps<One>(at, tap, tapStep, y, count, xStep, apart);
    }
  }
}

/**
 * @param xStep, yStep, wStep, biasStep bytes from a plane, its kernel and its bias to the next
 * @param w of the kernel's first tap; the next row's is `rowStep` bytes on, the next tap's `tapStep`
 * @param bias 0 for none
 * @param accumulate whether the sums are added to y, not to the bias
 * @param height, width of an x plane; `rows`, `columns` of a y plane
 * @param top, left rows and columns of zeros before the picture; below 0, so many of it are left out
 */
export function depthwiseSums(
  x: usize, xStep: usize, y: usize, yStep: usize, w: usize, wStep: usize, rowStep: i32, tapStep: i32, bias: usize, biasStep: usize,
  accumulate: bool, planes: i32, height: i32, width: i32, rows: i32, columns: i32, kernelHeight: i32, kernelWidth: i32,
  strideHeight: i32, strideWidth: i32, dilationHeight: i32, dilationWidth: i32, top: i32, left: i32,
): void {
  const line = <usize>columns * GROUP, xRow = <usize>(dilationHeight * width << 5);
  const begin = innerBegin(columns, strideWidth, left);
  const end = innerEnd(begin, columns, strideWidth, left, width, (kernelWidth - 1) * dilationWidth);
  const inner = begin * strideWidth - left, behind = end * strideWidth - left;
  for (let p = 0; p < planes; p++, x += xStep, y += yStep, w += wStep, bias += biasStep) {
    const start = bias ? v128.load32_splat(bias) : f32x4.splat(0);
    let to = y;
    for (let row = 0; row < rows; row++) {
      // The kernel rows that are in the picture.
      let first = 0, last = kernelHeight, from = row * strideHeight - top;
      while (last > 0 && from + (last - 1) * dilationHeight >= height) last--;
      for (; first < last && from < 0; from += dilationHeight) first++;
      const kernelRows = last - first, at = x + <usize>(from * width << 5), tap = w + <usize>(first * rowStep);
      let column = -left;
      for (let c = 0; c < begin; c++, column += strideWidth, to += GROUP)
        edgeOutput(kernelRows, kernelWidth, at, xRow, width, tap, rowStep, tapStep, start, to, column, dilationWidth, accumulate);
      innerRow(
        kernelRows, kernelWidth, at + <usize>(inner << 5), xRow, tap, rowStep, tapStep, start, to, end - begin, <usize>(strideWidth << 5),
        <usize>(dilationWidth << 5), accumulate,
      );
      to += <usize>(end - begin) * GROUP;
      column = behind;
      for (let c = end; c < columns; c++, column += strideWidth, to += GROUP)
        edgeOutput(kernelRows, kernelWidth, at, xRow, width, tap, rowStep, tapStep, start, to, column, dilationWidth, accumulate);
    }
  }
}
