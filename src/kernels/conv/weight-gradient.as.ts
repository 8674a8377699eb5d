import { GROUP, groupSum, madd, put } from '../shared/vector.as';
import { blockWidth } from '../gemm/weighted-sums.as';
import { Four, One, Three, Two, widthOf } from '../shared/width.as';

/**
 * The gradient of a convolution's weights: dw[o][t] = sum over positions and samples of dy[o][position] * x[position][table[t]].
 * Each lane sums its own sample over the positions, in order; the 8 lanes are added at the end (`groupSum`).
 */

/**
 * Half a group's sums for up to 4 outputs by 2 terms, to `sums`, `[4][2]` groups. Both halves at once would need more registers than
 * V8 has: it would spill accumulators, and run at a third of the speed.
 */
// @ts-ignore: decorator
@inline
function halfBlock(
  outputs: i32, terms: i32, dy: usize, dyStride: usize, x0: usize, x1: usize, xRow: usize, xColumn: usize,
  rows: i32, columns: i32, sums: usize,
): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  const dy1 = dyStride, dy2 = dyStride * 2, dy3 = dyStride * 3;
  for (let row = 0; row < rows; row++) {
    let p0 = x0, p1 = x1;
    for (const end = dy + <usize>columns * GROUP; dy < end; dy += GROUP) {
      const x = v128.load(p0), z = v128.load(p1);
      let d = v128.load(dy);
      a0 = madd(a0, d, x);
      if (terms > 1) b0 = madd(b0, d, z);
      if (outputs > 1) { d = v128.load(dy + dy1); a1 = madd(a1, d, x); if (terms > 1) b1 = madd(b1, d, z); }
      if (outputs > 2) { d = v128.load(dy + dy2); a2 = madd(a2, d, x); if (terms > 1) b2 = madd(b2, d, z); }
      if (outputs > 3) { d = v128.load(dy + dy3); a3 = madd(a3, d, x); if (terms > 1) b3 = madd(b3, d, z); }
      p0 += xColumn;
      p1 += xColumn;
    }
    x0 += xRow;
    x1 += xRow;
  }
  v128.store(sums, a0); v128.store(sums, b0, 32);
  if (outputs > 1) { v128.store(sums, a1, 64); v128.store(sums, b1, 96); }
  if (outputs > 2) { v128.store(sums, a2, 128); v128.store(sums, b2, 160); }
  if (outputs > 3) { v128.store(sums, a3, 192); v128.store(sums, b3, 224); }
}

/** The same for a whole group, half beside half, for an engine that joins the two: it then has registers enough, and half the work. */
// @ts-ignore: decorator
@inline
function wholeBlock(
  outputs: i32, terms: i32, dy: usize, dyStride: usize, x0: usize, x1: usize, xRow: usize, xColumn: usize,
  rows: i32, columns: i32, sums: usize,
): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  let A0 = a0, A1 = a0, A2 = a0, A3 = a0, B0 = a0, B1 = a0, B2 = a0, B3 = a0;
  const dy1 = dyStride, dy2 = dyStride * 2, dy3 = dyStride * 3;
  for (let row = 0; row < rows; row++) {
    let p0 = x0, p1 = x1;
    for (const end = dy + <usize>columns * GROUP; dy < end; dy += GROUP) {
      const x = v128.load(p0), X = v128.load(p0, 16), z = v128.load(p1), Z = v128.load(p1, 16);
      let d = v128.load(dy), D = v128.load(dy, 16);
      a0 = madd(a0, d, x); A0 = madd(A0, D, X);
      if (terms > 1) { b0 = madd(b0, d, z); B0 = madd(B0, D, Z); }
      if (outputs > 1) {
        d = v128.load(dy + dy1); D = v128.load(dy + dy1, 16);
        a1 = madd(a1, d, x); A1 = madd(A1, D, X);
        if (terms > 1) { b1 = madd(b1, d, z); B1 = madd(B1, D, Z); }
      }
      if (outputs > 2) {
        d = v128.load(dy + dy2); D = v128.load(dy + dy2, 16);
        a2 = madd(a2, d, x); A2 = madd(A2, D, X);
        if (terms > 1) { b2 = madd(b2, d, z); B2 = madd(B2, D, Z); }
      }
      if (outputs > 3) {
        d = v128.load(dy + dy3); D = v128.load(dy + dy3, 16);
        a3 = madd(a3, d, x); A3 = madd(A3, D, X);
        if (terms > 1) { b3 = madd(b3, d, z); B3 = madd(B3, D, Z); }
      }
      p0 += xColumn;
      p1 += xColumn;
    }
    x0 += xRow;
    x1 += xRow;
  }
  v128.store(sums, a0); v128.store(sums, A0, 16); v128.store(sums, b0, 32); v128.store(sums, B0, 48);
  if (outputs > 1) { v128.store(sums, a1, 64); v128.store(sums, A1, 80); v128.store(sums, b1, 96); v128.store(sums, B1, 112); }
  if (outputs > 2) { v128.store(sums, a2, 128); v128.store(sums, A2, 144); v128.store(sums, b2, 160); v128.store(sums, B2, 176); }
  if (outputs > 3) { v128.store(sums, a3, 192); v128.store(sums, A3, 208); v128.store(sums, b3, 224); v128.store(sums, B3, 240); }
}

function halfOf<Outputs, Terms>(
  dy: usize, dyStride: usize, x0: usize, x1: usize, xRow: usize, xColumn: usize, rows: i32, columns: i32, sums: usize,
): void {
  halfBlock(widthOf<Outputs>(), widthOf<Terms>(), dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
}

function wholeOf<Outputs, Terms>(
  dy: usize, dyStride: usize, x0: usize, x1: usize, xRow: usize, xColumn: usize, rows: i32, columns: i32, sums: usize,
): void {
  wholeBlock(widthOf<Outputs>(), widthOf<Terms>(), dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
}

// @ts-ignore: decorator
@inline
function half(
  width: i32, pair: bool, dy: usize, dyStride: usize, x0: usize, x1: usize, xRow: usize, xColumn: usize, rows: i32, columns: i32, sums: usize,
): void {
  if (pair) {
    if (width == 4) halfOf<Four, Two>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
    else if (width == 3) halfOf<Three, Two>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
    else if (width == 2) halfOf<Two, Two>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
    else halfOf<One, Two>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
  } else if (width == 4) halfOf<Four, One>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
  else if (width == 3) halfOf<Three, One>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
  else if (width == 2) halfOf<Two, One>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
  else halfOf<One, One>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
}

// @ts-ignore: decorator
@inline
function whole(
  width: i32, pair: bool, dy: usize, dyStride: usize, x0: usize, x1: usize, xRow: usize, xColumn: usize, rows: i32, columns: i32, sums: usize,
): void {
  if (pair) {
    if (width == 4) wholeOf<Four, Two>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
    else if (width == 3) wholeOf<Three, Two>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
    else if (width == 2) wholeOf<Two, Two>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
    else wholeOf<One, Two>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
  } else if (width == 4) wholeOf<Four, One>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
  else if (width == 3) wholeOf<Three, One>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
  else if (width == 2) wholeOf<Two, One>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
  else wholeOf<One, One>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
}

/**
 * @param dy `[outputs][rows][columns]` lane groups
 * @param x, xRow, xColumn, table, terms as in `weightedSums`
 * @param dw `[outputs][terms]`; added to if `accumulate`
 * @param sums 256 bytes of scratch
 * @param joined whether the engine joins the halves of a group: a matter of speed, never of the sums
 */
export function convWeightGradient(
  dy: usize, x: usize, xRow: usize, xColumn: usize, table: usize, terms: i32, dw: usize,
  outputs: i32, rows: i32, columns: i32, accumulate: bool, sums: usize, joined: bool,
): void {
  const dyStride = <usize>(rows * columns) * GROUP, dwStride = <usize>terms << 2;
  for (let left = outputs; left > 0; ) {
    const width = blockWidth(left);
    for (let t = 0; t < terms; t += 2) {
      const at = table + (<usize>t << 2), pair = t + 1 < terms;
      const x0 = x + load<u32>(at), x1 = pair ? x + load<u32>(at, 4) : x0;
      if (joined) whole(width, pair, dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
      else {
        half(width, pair, dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums);
        half(width, pair, dy + 16, dyStride, x0 + 16, x1 + 16, xRow, xColumn, rows, columns, sums + 16);
      }
      for (let o = 0; o < width; o++) {
        const from = sums + (<usize>o << 6), to = dw + <usize>o * dwStride + (<usize>t << 2);
        put(to, groupSum(v128.load(from), v128.load(from, 16)), accumulate);
        if (pair) put(to + 4, groupSum(v128.load(from, 32), v128.load(from, 48)), accumulate);
      }
    }
    left -= width;
    dy += <usize>width * dyStride;
    dw += <usize>width * dwStride;
  }
}

/** db[o] = sum over positions and samples of dy[o][position]; each lane over the positions first. */
export function biasGradient(dy: usize, db: usize, outputs: i32, positions: i32, accumulate: bool): void {
  for (let o = 0; o < outputs; o++) {
    let lo = f32x4.splat(0), hi = lo;
    for (let p = 0; p < positions; p++) {
      lo = f32x4.add(lo, v128.load(dy));
      hi = f32x4.add(hi, v128.load(dy, 16));
      dy += GROUP;
    }
    put(db, groupSum(lo, hi), accumulate);
    db += 4;
  }
}
