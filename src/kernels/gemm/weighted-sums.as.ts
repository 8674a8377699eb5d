import { BLOCK, GROUP, madd, putGroup } from '../shared/vector.as';
import { Four, One, Three, Two, widthOf } from '../shared/width.as';

/**
 * The inner kernel of convolutions, and of the input gradient of dense layers:
 *
 *   y[o] = start[o] + sum over t of w[t][o] * x[table[t]]
 *
 * for blocks of up to 4 outputs `o` and all 8 samples of a micro-batch at once. x[...] and y[...] are lane groups. Eight accumulators, two
 * operands, a weight and a product stay in the 15 vector registers that V8 hands out on x64; with 6 outputs it spills, and
 * runs at 0.6 of the speed. The halves of a group take the same operations side by side, so that an engine may join them into
 * 256-bit ones (V8's revectorization).
 *
 * A sum goes in the table's order, in blocks of `BLOCK` terms, whatever the blocking of outputs: bits do not depend on it. An entry of the table is a byte offset from
 * the output position's first input (the indirect convolution algorithm, Dukhan 2019, https://arxiv.org/abs/1907.02129).
 */

/** Width of the next block of outputs. 5 and 6 are cut near the middle: a narrow block wastes its loads of x. */
// @ts-ignore: decorator
@inline
export function blockWidth(left: i32): i32 {
  return left == 5 || left == 6 ? 3 : min(left, 4);
}

// @ts-ignore: decorator
@inline
function block(
  width: i32, x: usize, table: usize, end: usize, w: usize, wStride: usize, bias: usize, y: usize, yStride: usize,
  accumulate: bool,
): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
  if (bias) {
    a0 = v128.load32_splat(bias);
    if (width > 1) a1 = v128.load32_splat(bias, 4);
    if (width > 2) a2 = v128.load32_splat(bias, 8);
    if (width > 3) a3 = v128.load32_splat(bias, 12);
  }
  let b0 = a0, b1 = a1, b2 = a2, b3 = a3;
  do {
    const at = x + load<u32>(table);
    const lo = v128.load(at), hi = v128.load(at, 16);
    let s = v128.load32_splat(w);
    a0 = madd(a0, lo, s); b0 = madd(b0, hi, s);
    if (width > 1) { s = v128.load32_splat(w, 4); a1 = madd(a1, lo, s); b1 = madd(b1, hi, s); }
    if (width > 2) { s = v128.load32_splat(w, 8); a2 = madd(a2, lo, s); b2 = madd(b2, hi, s); }
    if (width > 3) { s = v128.load32_splat(w, 12); a3 = madd(a3, lo, s); b3 = madd(b3, hi, s); }
    w += wStride;
    table += 4;
  } while (table < end);
  if (accumulate) {
    let at = y;
    a0 = f32x4.add(v128.load(at), a0); b0 = f32x4.add(v128.load(at, 16), b0);
    if (width > 1) { at += yStride; a1 = f32x4.add(v128.load(at), a1); b1 = f32x4.add(v128.load(at, 16), b1); }
    if (width > 2) { at += yStride; a2 = f32x4.add(v128.load(at), a2); b2 = f32x4.add(v128.load(at, 16), b2); }
    if (width > 3) { at += yStride; a3 = f32x4.add(v128.load(at), a3); b3 = f32x4.add(v128.load(at, 16), b3); }
  }
  v128.store(y, a0); v128.store(y, b0, 16);
  if (width > 1) { y += yStride; v128.store(y, a1); v128.store(y, b1, 16); }
  if (width > 2) { y += yStride; v128.store(y, a2); v128.store(y, b2, 16); }
  if (width > 3) { y += yStride; v128.store(y, a3); v128.store(y, b3, 16); }
}

/**
 * Two columns at once, for an engine that joins the halves of a group: it then has registers enough, and each weight that is loaded is
 * used twice, where loading them is what takes the time.
 */
// @ts-ignore: decorator
@inline
function blockOfTwo(
  width: i32, x: usize, xColumn: usize, table: usize, end: usize, w: usize, wStride: usize, bias: usize, y: usize, yStride: usize,
  accumulate: bool,
): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
  if (bias) {
    a0 = v128.load32_splat(bias);
    if (width > 1) a1 = v128.load32_splat(bias, 4);
    if (width > 2) a2 = v128.load32_splat(bias, 8);
    if (width > 3) a3 = v128.load32_splat(bias, 12);
  }
  let b0 = a0, b1 = a1, b2 = a2, b3 = a3, c0 = a0, c1 = a1, c2 = a2, c3 = a3, d0 = a0, d1 = a1, d2 = a2, d3 = a3;
  do {
    const at = x + load<u32>(table), next = at + xColumn;
    const lo = v128.load(at), hi = v128.load(at, 16), LO = v128.load(next), HI = v128.load(next, 16);
    let s = v128.load32_splat(w);
    a0 = madd(a0, lo, s); b0 = madd(b0, hi, s); c0 = madd(c0, LO, s); d0 = madd(d0, HI, s);
    if (width > 1) { s = v128.load32_splat(w, 4); a1 = madd(a1, lo, s); b1 = madd(b1, hi, s); c1 = madd(c1, LO, s); d1 = madd(d1, HI, s); }
    if (width > 2) { s = v128.load32_splat(w, 8); a2 = madd(a2, lo, s); b2 = madd(b2, hi, s); c2 = madd(c2, LO, s); d2 = madd(d2, HI, s); }
    if (width > 3) { s = v128.load32_splat(w, 12); a3 = madd(a3, lo, s); b3 = madd(b3, hi, s); c3 = madd(c3, LO, s); d3 = madd(d3, HI, s); }
    w += wStride;
    table += 4;
  } while (table < end);
  putGroup(y, a0, b0, accumulate); putGroup(y + GROUP, c0, d0, accumulate);
  if (width > 1) { y += yStride; putGroup(y, a1, b1, accumulate); putGroup(y + GROUP, c1, d1, accumulate); }
  if (width > 2) { y += yStride; putGroup(y, a2, b2, accumulate); putGroup(y + GROUP, c2, d2, accumulate); }
  if (width > 3) { y += yStride; putGroup(y, a3, b3, accumulate); putGroup(y + GROUP, c3, d3, accumulate); }
}

/** One row of output positions for one block of outputs. */
// @ts-ignore: decorator
@inline
function blockRow(
  width: i32, x: usize, xColumn: usize, table: usize, end: usize, w: usize, wStride: usize, bias: usize,
  y: usize, yStride: usize, columns: i32, accumulate: bool,
): void {
  const wStep = wStride ? wStride : <usize>width << 2;
  for (let column = 0; column < columns; column++) {
    block(width, x, table, end, w, wStep, bias, y, yStride, accumulate);
    x += xColumn;
    y += GROUP;
  }
}

// @ts-ignore: decorator
@inline
function pairsRow(
  width: i32, x: usize, xColumn: usize, table: usize, end: usize, w: usize, wStride: usize, bias: usize,
  y: usize, yStride: usize, columns: i32, accumulate: bool,
): void {
  const wStep = wStride ? wStride : <usize>width << 2;
  for (let column = 1; column < columns; column += 2) {
    blockOfTwo(width, x, xColumn, table, end, w, wStep, bias, y, yStride, accumulate);
    x += xColumn * 2;
    y += GROUP * 2;
  }
  if (columns & 1) block(width, x, table, end, w, wStep, bias, y, yStride, accumulate);
}

// A function for each width, so that each gets registers of its own.
function rowOf<Width>(
  x: usize, xColumn: usize, table: usize, end: usize, w: usize, wStride: usize, bias: usize, y: usize, yStride: usize, columns: i32,
  accumulate: bool,
): void {
  blockRow(widthOf<Width>(), x, xColumn, table, end, w, wStride, bias, y, yStride, columns, accumulate);
}

function pairsOf<Width>(
  x: usize, xColumn: usize, table: usize, end: usize, w: usize, wStride: usize, bias: usize, y: usize, yStride: usize, columns: i32,
  accumulate: bool,
): void {
  pairsRow(widthOf<Width>(), x, xColumn, table, end, w, wStride, bias, y, yStride, columns, accumulate);
}

/**
 * y[o][row][column] = bias[o] + sum over t of w(t, o) * x[row][column][table[t]].
 *
 * @param x address of the first output position's first input; the next row's is `xRow` bytes on, the next column's `xColumn`
 * @param table `terms` byte offsets (u32), at least one
 * @param w with `wStride` 0: panels as `packPanels` writes them; else a matrix `[terms][outputs]`, rows `wStride` bytes apart
 * @param bias `[outputs]`, or 0 for none
 * @param y `[outputs][rows][columns]` lane groups without gaps
 * @param joined whether the engine joins the halves of a group: a matter of speed, never of the sums
 */
export function weightedSums(
  x: usize, xRow: usize, xColumn: usize, table: usize, terms: i32, w: usize, wStride: usize, bias: usize,
  y: usize, outputs: i32, rows: i32, columns: i32, joined: bool,
): void {
  addWeightedSums(x, xRow, xColumn, table, terms, w, wStride, bias, y, outputs, rows, columns, false, joined);
}

/** The same, added to what is in y if `accumulate`. */
export function addWeightedSums(
  x: usize, xRow: usize, xColumn: usize, table: usize, terms: i32, w: usize, wStride: usize, bias: usize,
  y: usize, outputs: i32, rows: i32, columns: i32, accumulate: bool, joined: bool,
): void {
  const yRow = <usize>columns * GROUP, yStride = <usize>rows * yRow;
  for (let row = 0; row < rows; row++) {
    sumsOfRow(x, xColumn, table, terms, w, wStride, bias, y, yStride, outputs, columns, accumulate, joined);
    x += xRow;
    y += yRow;
  }
}

/** One row of output positions; the planes of y lie `yStride` bytes apart. */
export function sumsOfRow(
  x: usize, xColumn: usize, table: usize, terms: i32, w: usize, wStride: usize, bias: usize,
  y: usize, yStride: usize, outputs: i32, columns: i32, accumulate: bool, joined: bool,
): void {
  const wBlock: usize = wStride ? 4 : <usize>terms << 2;
  for (let t = 0; t < terms; t += BLOCK) {
    const from = table + (<usize>t << 2), end = table + (<usize>min(t + BLOCK, terms) << 2), again = accumulate || t > 0;
    let panel = w, b: usize = t > 0 ? 0 : bias, to = y;
    for (let left = outputs; left > 0; ) {
      const width = blockWidth(left), at = panel + <usize>t * (wStride ? wStride : <usize>width << 2);
      if (joined && columns > 1) {
        if (width == 4) pairsOf<Four>(x, xColumn, from, end, at, wStride, b, to, yStride, columns, again);
        else if (width == 3) pairsOf<Three>(x, xColumn, from, end, at, wStride, b, to, yStride, columns, again);
        else if (width == 2) pairsOf<Two>(x, xColumn, from, end, at, wStride, b, to, yStride, columns, again);
        else pairsOf<One>(x, xColumn, from, end, at, wStride, b, to, yStride, columns, again);
      } else if (width == 4) rowOf<Four>(x, xColumn, from, end, at, wStride, b, to, yStride, columns, again);
      else if (width == 3) rowOf<Three>(x, xColumn, from, end, at, wStride, b, to, yStride, columns, again);
      else if (width == 2) rowOf<Two>(x, xColumn, from, end, at, wStride, b, to, yStride, columns, again);
      else rowOf<One>(x, xColumn, from, end, at, wStride, b, to, yStride, columns, again);
      left -= width;
      panel += <usize>width * wBlock;
      if (b) b += <usize>width << 2;
      to += <usize>width * yStride;
    }
  }
}

/** Weights `[outputs][terms]` to panels, one a block of outputs, each `[terms][output of the block]`. */
export function packPanels(w: usize, outputs: i32, terms: i32, panels: usize): void {
  for (let o = 0; o < outputs; ) {
    const width = blockWidth(outputs - o);
    for (let t = 0; t < terms; t++) {
      for (let k = 0; k < width; k++) {
        store<f32>(panels, load<f32>(w + <usize>((o + k) * terms + t << 2)));
        panels += 4;
      }
    }
    o += width;
  }
}
