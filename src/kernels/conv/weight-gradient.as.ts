import { BLOCK, GROUP, groupSum, madd, put, putGroup, rowsOfBlock } from '../shared/vector.as';
import { blockWidth } from '../gemm/weighted-sums.as';
import { Four, One, Three, Two, widthOf } from '../shared/width.as';

/**
 * The gradient of a convolution's weights: dw[o][t] = sum over positions and samples of dy[o][position] * x[position][table[t]].
 * Each lane sums its own sample over the positions, in order, in blocks; the 8 lanes are added at the end (`groupSum`).
 */

/**
 * Half a group's sums for up to 4 outputs by 2 terms, to `sums`, `[4][2]` groups. Both halves at once would need more registers than
 * V8 has: it would spill accumulators, and run at a third of the speed.
 */
// @ts-ignore: decorator
@inline
function halfBlock(
  outputs: i32, terms: i32, dy: usize, dyStride: usize, x0: usize, x1: usize, xRow: usize, xColumn: usize,
  rows: i32, columns: i32, sums: usize, accumulate: bool,
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
  if (accumulate) {
    a0 = f32x4.add(v128.load(sums), a0); b0 = f32x4.add(v128.load(sums, 32), b0);
    if (outputs > 1) { a1 = f32x4.add(v128.load(sums, 64), a1); b1 = f32x4.add(v128.load(sums, 96), b1); }
    if (outputs > 2) { a2 = f32x4.add(v128.load(sums, 128), a2); b2 = f32x4.add(v128.load(sums, 160), b2); }
    if (outputs > 3) { a3 = f32x4.add(v128.load(sums, 192), a3); b3 = f32x4.add(v128.load(sums, 224), b3); }
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
  rows: i32, columns: i32, sums: usize, accumulate: bool,
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
  putGroup(sums, a0, A0, accumulate); putGroup(sums + 32, b0, B0, accumulate);
  if (outputs > 1) { putGroup(sums + 64, a1, A1, accumulate); putGroup(sums + 96, b1, B1, accumulate); }
  if (outputs > 2) { putGroup(sums + 128, a2, A2, accumulate); putGroup(sums + 160, b2, B2, accumulate); }
  if (outputs > 3) { putGroup(sums + 192, a3, A3, accumulate); putGroup(sums + 224, b3, B3, accumulate); }
}

function halfOf<Outputs, Terms>(
  dy: usize, dyStride: usize, x0: usize, x1: usize, xRow: usize, xColumn: usize, rows: i32, columns: i32, sums: usize,
  accumulate: bool,
): void {
  halfBlock(widthOf<Outputs>(), widthOf<Terms>(), dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
}

function wholeOf<Outputs, Terms>(
  dy: usize, dyStride: usize, x0: usize, x1: usize, xRow: usize, xColumn: usize, rows: i32, columns: i32, sums: usize,
  accumulate: bool,
): void {
  wholeBlock(widthOf<Outputs>(), widthOf<Terms>(), dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
}

// @ts-ignore: decorator
@inline
function half(
  width: i32, pair: bool, dy: usize, dyStride: usize, x0: usize, x1: usize, xRow: usize, xColumn: usize, rows: i32, columns: i32, sums: usize,
  accumulate: bool,
): void {
  if (pair) {
    if (width == 4) halfOf<Four, Two>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
    else if (width == 3) halfOf<Three, Two>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
    else if (width == 2) halfOf<Two, Two>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
    else halfOf<One, Two>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
  } else if (width == 4) halfOf<Four, One>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
  else if (width == 3) halfOf<Three, One>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
  else if (width == 2) halfOf<Two, One>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
  else halfOf<One, One>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
}

// @ts-ignore: decorator
@inline
function whole(
  width: i32, pair: bool, dy: usize, dyStride: usize, x0: usize, x1: usize, xRow: usize, xColumn: usize, rows: i32, columns: i32, sums: usize,
  accumulate: bool,
): void {
  if (pair) {
    if (width == 4) wholeOf<Four, Two>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
    else if (width == 3) wholeOf<Three, Two>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
    else if (width == 2) wholeOf<Two, Two>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
    else wholeOf<One, Two>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
  } else if (width == 4) wholeOf<Four, One>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
  else if (width == 3) wholeOf<Three, One>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
  else if (width == 2) wholeOf<Two, One>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
  else wholeOf<One, One>(dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
}

/** The sums of up to 4 outputs by 2 terms over a block of positions, to `sums`; added to those of the blocks before if `accumulate`. */
// @ts-ignore: decorator
@inline
function sumBlock(
  width: i32, pair: bool, dy: usize, dyStride: usize, x0: usize, x1: usize, xRow: usize, xColumn: usize, rows: i32, columns: i32, sums: usize,
  accumulate: bool, joined: bool,
): void {
  if (joined) whole(width, pair, dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
  else {
    half(width, pair, dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, accumulate);
    half(width, pair, dy + 16, dyStride, x0 + 16, x1 + 16, xRow, xColumn, rows, columns, sums + 16, accumulate);
  }
}

/** The same over all positions, block after block. */
function sumBlocks(
  width: i32, pair: bool, dy: usize, dyStride: usize, x0: usize, x1: usize, xRow: usize, xColumn: usize, rows: i32, columns: i32, sums: usize,
  joined: bool,
): void {
  const blockRows = rowsOfBlock(columns);
  for (let row = 0; row < rows; row += blockRows) {
    for (let column = 0; column < columns; column += BLOCK) {
      const d = dy + <usize>(row * columns + column) * GROUP, from = <usize>row * xRow + <usize>column * xColumn;
      sumBlock(
        width, pair, d, dyStride, x0 + from, x1 + from, xRow, xColumn, min(rows - row, blockRows), min(columns - column, BLOCK), sums,
        row + column > 0, joined,
      );
    }
  }
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
      if (rows * columns <= BLOCK) sumBlock(width, pair, dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, false, joined);
      else sumBlocks(width, pair, dy, dyStride, x0, x1, xRow, xColumn, rows, columns, sums, joined);
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

/** db[o] = sum over positions and samples of dy[o][position]; each lane over the positions first, in blocks of `BLOCK`. */
export function biasGradient(dy: usize, db: usize, outputs: i32, positions: i32, accumulate: bool): void {
  for (let o = 0; o < outputs; o++) {
    const end = dy + <usize>positions * GROUP;
    let lo = f32x4.splat(0), hi = lo;
    do {
      const stop = min(dy + <usize>BLOCK * GROUP, end);
      let a = f32x4.splat(0), b = a;
      do {
        a = f32x4.add(a, v128.load(dy));
        b = f32x4.add(b, v128.load(dy, 16));
        dy += GROUP;
      } while (dy < stop);
      lo = f32x4.add(lo, a);
      hi = f32x4.add(hi, b);
    } while (dy < end);
    put(db, groupSum(lo, hi), accumulate);
    db += 4;
  }
}
