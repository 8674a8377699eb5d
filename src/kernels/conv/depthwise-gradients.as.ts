import { GROUP, groupSum, madd, put, putGroup, rowsOfBlock } from '../shared/vector.as';
import { Five, Four, One, Three, Two, widthOf } from '../shared/width.as';
import { innerBegin, innerEnd } from './depthwise.as';

/** The gradients of a depthwise convolution (`depthwise.as.ts`). */

/** dx[column + j] += w[j] * dy[column], for the taps that are in the picture. */
function edgeSpread(taps: i32, dx: usize, width: i32, w: usize, dy: usize, column: i32, dilation: i32): void {
  const lo = v128.load(dy), hi = v128.load(dy, 16);
  for (let j = 0; j < taps; j++, column += dilation, w += 4) {
    if (<u32>column >= <u32>width) continue;
    const at = dx + <usize>(column << 5), s = v128.load32_splat(w);
    v128.store(at, madd(v128.load(at), lo, s)); v128.store(at, madd(v128.load(at, 16), hi, s), 16);
  }
}

// @ts-ignore: decorator
@inline
function spreadTap(at: usize, lo: v128, hi: v128, w: v128): void {
  v128.store(at, madd(v128.load(at), lo, w)); v128.store(at, madd(v128.load(at, 16), hi, w), 16);
}

/** Spreads a row of dy by up to 5 taps of a kernel row. */
function spreadTaps<Taps>(
  dx: usize, width: i32, w: usize, dy: usize, columns: i32, stride: i32, dilation: i32, left: i32,
): void {
  const taps = widthOf<Taps>();
  const begin = innerBegin(columns, stride, left), end = innerEnd(begin, columns, stride, left, width, (taps - 1) * dilation);
  let column = -left;
  for (let c = 0; c < begin; c++, column += stride, dy += GROUP) edgeSpread(taps, dx, width, w, dy, column, dilation);
  const w0 = v128.load32_splat(w), w1 = taps > 1 ? v128.load32_splat(w, 4) : w0, w2 = taps > 2 ? v128.load32_splat(w, 8) : w0;
  const w3 = taps > 3 ? v128.load32_splat(w, 12) : w0, w4 = taps > 4 ? v128.load32_splat(w, 16) : w0;
  const step = <usize>(stride << 5), apart = <usize>(dilation << 5);
  let at = dx + <usize>(column << 5);
  for (let c = begin; c < end; c++, at += step, dy += GROUP) {
    const lo = v128.load(dy), hi = v128.load(dy, 16);
    spreadTap(at, lo, hi, w0);
    if (taps > 1) spreadTap(at + apart, lo, hi, w1);
    if (taps > 2) spreadTap(at + apart * 2, lo, hi, w2);
    if (taps > 3) spreadTap(at + apart * 3, lo, hi, w3);
    if (taps > 4) spreadTap(at + apart * 4, lo, hi, w4);
  }
  column += (end - begin) * stride;
  for (let c = end; c < columns; c++, column += stride, dy += GROUP) edgeSpread(taps, dx, width, w, dy, column, dilation);
}

/**
 * From dy to dx at any stride: each dy is spread over the inputs that it came from, in the order (row of dy, i, column, j). At stride 1
 * `depthwiseSums` of dy, with the kernel turned around, stores less.
 *
 * @param accumulate whether dx is added to
 */
export function depthwiseInputGradient(
  dy: usize, dyStep: usize, dx: usize, dxStep: usize, w: usize, wStep: usize, accumulate: bool,
  planes: i32, height: i32, width: i32, rows: i32, columns: i32, kernelHeight: i32, kernelWidth: i32,
  strideHeight: i32, strideWidth: i32, dilationHeight: i32, dilationWidth: i32, top: i32, left: i32,
): void {
  const line = <usize>columns * GROUP;
  for (let p = 0; p < planes; p++, dy += dyStep, dx += dxStep, w += wStep) {
    if (!accumulate) memory.fill(dx, 0, <usize>(height * width) * GROUP);
    let from = dy;
    for (let row = 0; row < rows; row++, from += line) {
      for (let i = 0; i < kernelHeight; i++) {
        const to = row * strideHeight + i * dilationHeight - top;
        if (<u32>to >= <u32>height) continue;
        const dxRow = dx + <usize>(to * width << 5);
        for (let j = 0; j < kernelWidth; j += 5) {
          const taps = kernelWidth - j, tap = w + <usize>(i * kernelWidth + j << 2), before = left - j * dilationWidth;
          if (taps >= 5) spreadTaps<Five>(dxRow, width, tap, from, columns, strideWidth, dilationWidth, before);
          else if (taps == 4) spreadTaps<Four>(dxRow, width, tap, from, columns, strideWidth, dilationWidth, before);
          else if (taps == 3) spreadTaps<Three>(dxRow, width, tap, from, columns, strideWidth, dilationWidth, before);
          else if (taps == 2) spreadTaps<Two>(dxRow, width, tap, from, columns, strideWidth, dilationWidth, before);
          else spreadTaps<One>(dxRow, width, tap, from, columns, strideWidth, dilationWidth, before);
        }
      }
    }
  }
}

/**
 * Up to 3 taps of a kernel row: sums over a block of rows of dy * x, to as many lane groups at `sums`, or added to them.
 * `xRow`: bytes from x's row of one row of dy to that of the next.
 */
function tapSums<Taps>(
  dy: usize, x: usize, xRow: usize, sums: usize, width: i32, rows: i32, columns: i32, stride: i32, dilation: i32, left: i32, accumulate: bool,
): void {
  const taps = widthOf<Taps>();
  const begin = innerBegin(columns, stride, left), end = innerEnd(begin, columns, stride, left, width, (taps - 1) * dilation);
  const xStep = <usize>(stride << 5), apart = <usize>(dilation << 5), inner = <usize>(end - begin) * GROUP;
  let a0 = f32x4.splat(0), b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0;
  x -= <usize>(left << 5);
  for (let row = 0; row < rows; row++, x += xRow) {
    let column = -left, at = x;
    for (let c = 0; c < columns; ) {
      // All taps at once where they are in the picture; at the edges one by one.
      if (c == begin) {
        for (const stop = dy + inner; dy < stop; at += xStep, dy += GROUP) {
          const lo = v128.load(dy), hi = v128.load(dy, 16);
          a0 = madd(a0, lo, v128.load(at)); b0 = madd(b0, hi, v128.load(at, 16));
          if (taps > 1) { a1 = madd(a1, lo, v128.load(at + apart)); b1 = madd(b1, hi, v128.load(at + apart, 16)); }
          if (taps > 2) { a2 = madd(a2, lo, v128.load(at + apart * 2)); b2 = madd(b2, hi, v128.load(at + apart * 2, 16)); }
        }
        c = end; column += (end - begin) * stride;
      }
      for (const stop = c < begin ? begin : columns; c < stop; c++, column += stride, at += xStep, dy += GROUP) {
        const lo = v128.load(dy), hi = v128.load(dy, 16);
        if (<u32>column < <u32>width) { a0 = madd(a0, lo, v128.load(at)); b0 = madd(b0, hi, v128.load(at, 16)); }
        if (taps > 1 && <u32>(column + dilation) < <u32>width) {
          a1 = madd(a1, lo, v128.load(at + apart)); b1 = madd(b1, hi, v128.load(at + apart, 16));
        }
        if (taps > 2 && <u32>(column + dilation * 2) < <u32>width) {
          a2 = madd(a2, lo, v128.load(at + apart * 2)); b2 = madd(b2, hi, v128.load(at + apart * 2, 16));
        }
      }
    }
  }
  putGroup(sums, a0, b0, accumulate);
  if (taps > 1) putGroup(sums + 32, a1, b1, accumulate);
  if (taps > 2) putGroup(sums + 64, a2, b2, accumulate);
}

/**
 * dw[o][i][j] = sum over positions and samples of dy[o][position] * x[o / multiplier][...]: each lane sums its own sample over the
 * positions, in order, in blocks of whole rows (`rowsOfBlock`) whose sums are added in order; then `groupSum`.
 *
 * @param dy `[outputs][rows][columns]` lane groups
 * @param x `[outputs / multiplier][height][width]`
 * @param dw `[outputs][kernelHeight][kernelWidth]`; added to if `accumulate`
 * @param sums 96 bytes of scratch
 */
export function depthwiseWeightGradient(
  dy: usize, x: usize, dw: usize, sums: usize, accumulate: bool, outputs: i32, multiplier: i32,
  height: i32, width: i32, rows: i32, columns: i32, kernelHeight: i32, kernelWidth: i32,
  strideHeight: i32, strideWidth: i32, dilationHeight: i32, dilationWidth: i32, top: i32, left: i32,
): void {
  const dyRow = <usize>columns * GROUP, dyStep = <usize>rows * dyRow, line = <usize>width * GROUP, xStep = <usize>height * line;
  const xRow = <usize>strideHeight * line, blockRows = rowsOfBlock(columns);
  for (let o = 0; o < outputs; o++, dy += dyStep) {
    const plane = x + <usize>(o / multiplier) * xStep;
    for (let i = 0; i < kernelHeight; i++) {
      // The rows of dy whose row of x is in the picture.
      const above = i * dilationHeight - top;
      const begin = innerBegin(rows, strideHeight, -above), end = innerEnd(begin, rows, strideHeight, -above, height, 0);
      for (let j = 0; j < kernelWidth; j += 3) {
        const taps = min(kernelWidth - j, 3), before = left - j * dilationWidth;
        memory.fill(sums, 0, 3 * GROUP);
        for (let row = begin; row < end; row += blockRows) {
          const d = dy + <usize>row * dyRow, from = plane + <usize>(row * strideHeight + above) * line;
          const high = min(end - row, blockRows), isLater = row > begin;
          if (taps == 3) tapSums<Three>(d, from, xRow, sums, width, high, columns, strideWidth, dilationWidth, before, isLater);
          else if (taps == 2) tapSums<Two>(d, from, xRow, sums, width, high, columns, strideWidth, dilationWidth, before, isLater);
          else tapSums<One>(d, from, xRow, sums, width, high, columns, strideWidth, dilationWidth, before, isLater);
        }
        for (let t = 0; t < taps; t++, dw += 4) {
          const at = sums + <usize>(t << 5);
          put(dw, groupSum(v128.load(at), v128.load(at, 16)), accumulate);
        }
      }
    }
  }
}
