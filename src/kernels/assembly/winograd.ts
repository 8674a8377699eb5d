import { GROUP, put } from './vector';
import { blockWidth, weightedSums } from './weighted-sums';

/**
 * Convolution along rows by Winograd's minimal filtering (Winograd 1980; Lavin and Gray 2015, https://arxiv.org/abs/1509.09308), in one
 * dimension: a *tile* of m outputs with r taps takes m + r - 1 = 6 products instead of m * r: half of them for 3 taps, 0.6 for 5. The 6 are
 * values of polynomials at the points 0, 1, -1, 2, -2 and infinity:
 *
 *   y = A (G w * B x), B: 6 inputs to 6 values, G: r taps to 6 values, A: 6 values to m outputs
 *
 * B depends on the points alone. G evaluates sum over j of w[j] p^j, over a divisor; A gives sum over the points of p^k value.
 * Planes of the transform lie one behind the other, `[point][channel][row][tile]` lane groups, so that each point's products are
 * `weightedSums` over channels and kernel rows.
 *
 * The functions with `Grid` do the same down the columns too, for 3 kernel rows: tiles of 2 rows of outputs, from 4 rows of inputs, at
 * the points 0, 1, -1 and infinity. That takes 4 * 6 products for 2 * m outputs, and 3 kernel rows are no terms any more.
 */

const POINTS = 6;
/** Points down the columns. */
const ROW_POINTS = 4;

// @ts-ignore: decorator
@inline
function scaled(x: v128, factor: f32): v128 {
  return f32x4.mul(x, f32x4.splat(factor));
}

/** Input `column` of a row, or zero outside of it. */
// @ts-ignore: decorator
@inline
function input(checked: bool, row: usize, column: i32, width: i32, half: usize): v128 {
  if (checked && <u32>column >= <u32>width) return f32x4.splat(0);
  return v128.load(row + <usize>(column << 5) + half);
}

/** B for one tile. */
// @ts-ignore: decorator
@inline
function inputTile(checked: bool, row: usize, column: i32, width: i32, to: usize, plane: usize): void {
  const a0 = input(checked, row, column, width, 0), b0 = input(checked, row, column, width, 16);
  const a2 = input(checked, row, column + 2, width, 0), b2 = input(checked, row, column + 2, width, 16);
  const a4 = input(checked, row, column + 4, width, 0), b4 = input(checked, row, column + 4, width, 16);
  const au = f32x4.sub(a4, a2), bu = f32x4.sub(b4, b2);
  const av0 = f32x4.add(scaled(f32x4.sub(a0, a2), 4), au), bv0 = f32x4.add(scaled(f32x4.sub(b0, b2), 4), bu);
  v128.store(to, av0); v128.store(to, bv0, 16);
  to += plane;
  const a1 = input(checked, row, column + 1, width, 0), b1 = input(checked, row, column + 1, width, 16);
  const a3 = input(checked, row, column + 3, width, 0), b3 = input(checked, row, column + 3, width, 16);
  const at = f32x4.sub(a4, scaled(a2, 4)), bt = f32x4.sub(b4, scaled(b2, 4));
  const as = f32x4.sub(a3, scaled(a1, 4)), bs = f32x4.sub(b3, scaled(b1, 4));
  const av1 = f32x4.add(at, as), bv1 = f32x4.add(bt, bs);
  v128.store(to, av1); v128.store(to, bv1, 16);
  to += plane;
  const av2 = f32x4.sub(at, as), bv2 = f32x4.sub(bt, bs);
  v128.store(to, av2); v128.store(to, bv2, 16);
  to += plane;
  const ae = f32x4.sub(a3, a1), be = f32x4.sub(b3, b1);
  const av3 = f32x4.add(au, f32x4.add(ae, ae)), bv3 = f32x4.add(bu, f32x4.add(be, be));
  v128.store(to, av3); v128.store(to, bv3, 16);
  to += plane;
  const av4 = f32x4.sub(au, f32x4.add(ae, ae)), bv4 = f32x4.sub(bu, f32x4.add(be, be));
  v128.store(to, av4); v128.store(to, bv4, 16);
  to += plane;
  const a5 = input(checked, row, column + 5, width, 0), b5 = input(checked, row, column + 5, width, 16);
  const av5 = f32x4.sub(f32x4.sub(a5, a3), scaled(ae, 4)), bv5 = f32x4.sub(f32x4.sub(b5, b3), scaled(be, 4));
  v128.store(to, av5); v128.store(to, bv5, 16);
}

function tileAtEdge(row: usize, column: i32, width: i32, to: usize, plane: usize): void { inputTile(true, row, column, width, to, plane); }

/**
 * B for all of a picture; tile t starts at column t * step - left, and what lies outside the picture is 0.
 *
 * @param x `[channels][height][width]` lane groups
 * @param v address of channel 0's first row in plane 0; channels lie `channel` bytes apart, points `plane` bytes, rows without gaps
 */
export function winogradInput(
  x: usize, channels: i32, height: i32, width: i32, left: i32, step: i32, tiles: i32, v: usize, channel: usize, plane: usize,
): void {
  for (let c = 0; c < channels; c++) {
    let to = v;
    for (let r = 0; r < height; r++) {
      for (let t = 0, column = -left; t < tiles; t++, column += step, to += GROUP) {
        if (column >= 0 && column + POINTS <= width) inputTile(false, x, column, 0, to, plane);
        else tileAtEdge(x, column, width, to, plane);
      }
      x += <usize>width * GROUP;
    }
    v += channel;
  }
}

/** A for a row of tiles: `step` outputs a tile. */
// @ts-ignore: decorator
@inline
function outputRow(step: i32, sums: usize, plane: usize, bias: usize, y: usize, columns: i32): void {
  const b = bias ? v128.load32_splat(bias) : f32x4.splat(0);
  for (let left = columns; left > 0; left -= step, sums += GROUP) {
    let at = sums;
    const m0 = v128.load(at), n0 = v128.load(at, 16); at += plane;
    const m1 = v128.load(at), n1 = v128.load(at, 16); at += plane;
    const m2 = v128.load(at), n2 = v128.load(at, 16); at += plane;
    const s = f32x4.add(m1, m2), q = f32x4.add(n1, n2), d = f32x4.sub(m1, m2), e = f32x4.sub(n1, n2);
    const m3 = v128.load(at), n3 = v128.load(at, 16); at += plane;
    const m4 = v128.load(at), n4 = v128.load(at, 16); at += plane;
    const S = f32x4.add(m3, m4), Q = f32x4.add(n3, n4), D = f32x4.sub(m3, m4), E = f32x4.sub(n3, n4);
    const m5 = v128.load(at), n5 = v128.load(at, 16);
    let lo = f32x4.add(f32x4.add(f32x4.add(m0, s), S), b), hi = f32x4.add(f32x4.add(f32x4.add(n0, q), Q), b);
    v128.store(y, lo); v128.store(y, hi, 16);
    if (left > 1) {
      lo = f32x4.add(d, scaled(D, 2)); hi = f32x4.add(e, scaled(E, 2));
      if (step == 2) { lo = f32x4.add(lo, m5); hi = f32x4.add(hi, n5); }
      lo = f32x4.add(lo, b); hi = f32x4.add(hi, b);
      v128.store(y, lo, 32); v128.store(y, hi, 48);
    }
    if (step > 2 && left > 2) {
      lo = f32x4.add(s, scaled(S, 4)); hi = f32x4.add(q, scaled(Q, 4));
      if (step == 3) { lo = f32x4.add(lo, m5); hi = f32x4.add(hi, n5); }
      lo = f32x4.add(lo, b); hi = f32x4.add(hi, b);
      v128.store(y, lo, 64); v128.store(y, hi, 80);
    }
    if (step > 3 && left > 3) {
      lo = f32x4.add(d, scaled(D, 8)); hi = f32x4.add(e, scaled(E, 8));
      if (step == 4) { lo = f32x4.add(lo, m5); hi = f32x4.add(hi, n5); }
      lo = f32x4.add(lo, b); hi = f32x4.add(hi, b);
      v128.store(y, lo, 96); v128.store(y, hi, 112);
    }
    if (step > 4 && left > 4) {
      lo = f32x4.add(f32x4.add(s, scaled(S, 16)), m5); hi = f32x4.add(f32x4.add(q, scaled(Q, 16)), n5);
      lo = f32x4.add(lo, b); hi = f32x4.add(hi, b);
      v128.store(y, lo, 128); v128.store(y, hi, 144);
    }
    y += <usize>(step << 5);
  }
}

function output2(s: usize, p: usize, b: usize, y: usize, n: i32): void { outputRow(2, s, p, b, y, n); }
function output3(s: usize, p: usize, b: usize, y: usize, n: i32): void { outputRow(3, s, p, b, y, n); }
function output4(s: usize, p: usize, b: usize, y: usize, n: i32): void { outputRow(4, s, p, b, y, n); }
function output5(s: usize, p: usize, b: usize, y: usize, n: i32): void { outputRow(5, s, p, b, y, n); }

/**
 * y[o][row] = bias[o] + A of (sum over t of w(point, t, o) * v(point)[row][table[t]]).
 *
 * @param v as `winogradInput` writes it, but from the picture's padding on; rows `tiles` lane groups long
 * @param table byte offsets (u32) of the `terms` inputs of a tile, over channels and kernel rows, from the tile's first
 * @param panels as `packWinograd` writes them
 * @param bias `[outputs]`, or 0 for none
 * @param sums scratch, `[6][outputs][tiles]` lane groups
 * @param y `[outputs][rows][columns]` lane groups
 */
export function winogradSums(
  v: usize, plane: usize, table: usize, terms: i32, panels: usize, bias: usize, sums: usize,
  y: usize, outputs: i32, rows: i32, columns: i32, step: i32, tiles: i32, joined: bool,
): void {
  const line = <usize>columns * GROUP, yPlane = <usize>rows * line, ofPoint = <usize>(outputs * tiles) * GROUP;
  for (let row = 0; row < rows; row++) {
    let from = v, w = panels, to = sums;
    for (let point = 0; point < POINTS; point++) {
      weightedSums(from, 0, GROUP, table, terms, w, 0, 0, to, outputs, 1, tiles, joined);
      from += plane;
      w += <usize>(outputs * terms) << 2;
      to += ofPoint;
    }
    let s = sums, at = y;
    for (let o = 0; o < outputs; o++) {
      const b = bias ? bias + (<usize>o << 2) : 0;
      if (step == 2) output2(s, ofPoint, b, at, columns);
      else if (step == 3) output3(s, ofPoint, b, at, columns);
      else if (step == 4) output4(s, ofPoint, b, at, columns);
      else output5(s, ofPoint, b, at, columns);
      s += <usize>tiles * GROUP;
      at += yPlane;
    }
    v += <usize>tiles * GROUP;
    y += line;
  }
}

/** G of up to 5 taps, to the 6 points' panels. */
// @ts-ignore: decorator
@inline
function putPoints(taps: i32, w0: f32, w1: f32, w2: f32, w3: f32, w4: f32, to: usize, plane: usize): void {
  let even1 = w0, even2 = w0, odd1 = w1, odd2 = w1 * 2;
  if (taps > 2) { even1 += w2; even2 += w2 * 4; }
  if (taps > 3) { odd1 += w3; odd2 += w3 * 8; }
  if (taps > 4) { even1 += w4; even2 += w4 * 16; }
  store<f32>(to, w0 * 0.25); to += plane;
  store<f32>(to, (even1 + odd1) * (-1.0 / 6.0)); to += plane;
  store<f32>(to, (even1 - odd1) * (-1.0 / 6.0)); to += plane;
  store<f32>(to, (even2 + odd2) * (1.0 / 24.0)); to += plane;
  store<f32>(to, (even2 - odd2) * (1.0 / 24.0)); to += plane;
  store<f32>(to, taps == 2 ? w1 : taps == 3 ? w2 : taps == 4 ? w3 : w4);
}

/** Tap `t` of a kernel row, or 0 behind its last. */
// @ts-ignore: decorator
@inline
function tapOf(at: usize, tapStep: i32, t: i32, taps: i32): f32 {
  return t < taps ? load<f32>(at + <usize>(t * tapStep)) : 0;
}

/**
 * G of weights, to panels as `weightedSums` takes them, one for each point. Weight (output, input, row, tap) is at
 * w + output * outputStep + input * inputStep + row * rowStep + tap * tapStep bytes; terms are inputs and kernel rows.
 */
export function packWinograd(
  w: usize, outputStep: i32, inputStep: i32, rowStep: i32, tapStep: i32, outputs: i32, inputs: i32, kernelHeight: i32, taps: i32,
  panels: usize,
): void {
  const plane = <usize>(outputs * inputs * kernelHeight) << 2;
  for (let o = 0; o < outputs; ) {
    const width = blockWidth(outputs - o);
    for (let c = 0; c < inputs; c++) {
      for (let i = 0; i < kernelHeight; i++) {
        for (let k = 0; k < width; k++, panels += 4) {
          const at = w + <usize>((o + k) * outputStep + c * inputStep + i * rowStep);
          putPoints(
            taps, load<f32>(at), load<f32>(at + <usize>tapStep), tapOf(at, tapStep, 2, taps), tapOf(at, tapStep, 3, taps),
            tapOf(at, tapStep, 4, taps), panels, plane,
          );
        }
      }
    }
    o += width;
  }
}

/** dy of tile columns: zero behind the row's end. */
// @ts-ignore: decorator
@inline
function tap(k: i32, step: i32, left: i32, dy: usize, half: usize): v128 {
  return k < step && k < left ? v128.load(dy + <usize>(k << 5) + half) : f32x4.splat(0);
}

/** G of dy, `step` taps a tile: with it, a tile's part in the gradient of r weights takes 6 products too. */
// @ts-ignore: decorator
@inline
function gradientTile(step: i32, left: i32, dy: usize, to: usize, plane: usize): void {
  for (let half: usize = 0; half < 32; half += 16) {
    const d0 = tap(0, step, left, dy, half), d1 = tap(1, step, left, dy, half), d2 = tap(2, step, left, dy, half);
    const d3 = tap(3, step, left, dy, half), d4 = tap(4, step, left, dy, half);
    let even1 = d0, even2 = d0, odd1 = d1, odd2 = f32x4.add(d1, d1);
    if (step > 2) { even1 = f32x4.add(even1, d2); even2 = f32x4.add(even2, scaled(d2, 4)); }
    if (step > 3) { odd1 = f32x4.add(odd1, d3); odd2 = f32x4.add(odd2, scaled(d3, 8)); }
    if (step > 4) { even1 = f32x4.add(even1, d4); even2 = f32x4.add(even2, scaled(d4, 16)); }
    let at = to + half;
    v128.store(at, scaled(d0, 0.25)); at += plane;
    v128.store(at, scaled(f32x4.add(even1, odd1), -1.0 / 6.0)); at += plane;
    v128.store(at, scaled(f32x4.sub(even1, odd1), -1.0 / 6.0)); at += plane;
    v128.store(at, scaled(f32x4.add(even2, odd2), 1.0 / 24.0)); at += plane;
    v128.store(at, scaled(f32x4.sub(even2, odd2), 1.0 / 24.0)); at += plane;
    v128.store(at, step == 2 ? d1 : step == 3 ? d2 : step == 4 ? d3 : d4);
  }
}

// @ts-ignore: decorator
@inline
function gradientTiles(step: i32, dy: usize, lines: i32, columns: i32, to: usize, plane: usize): void {
  for (let line = 0; line < lines; line++) {
    for (let left = columns; left > 0; left -= step, to += GROUP) {
      if (left >= step) gradientTile(step, step, dy, to, plane);
      else gradientTile(step, left, dy, to, plane);
      dy += <usize>(min(left, step) << 5);
    }
  }
}

function gradientTiles2(d: usize, l: i32, n: i32, t: usize, p: usize): void { gradientTiles(2, d, l, n, t, p); }
function gradientTiles3(d: usize, l: i32, n: i32, t: usize, p: usize): void { gradientTiles(3, d, l, n, t, p); }
function gradientTiles4(d: usize, l: i32, n: i32, t: usize, p: usize): void { gradientTiles(4, d, l, n, t, p); }
function gradientTiles5(d: usize, l: i32, n: i32, t: usize, p: usize): void { gradientTiles(5, d, l, n, t, p); }

/** G of all of dy, `lines` rows of `columns` lane groups, to `[6][lines][tiles]` lane groups, points `plane` bytes apart. */
export function winogradGradient(dy: usize, lines: i32, columns: i32, step: i32, to: usize, plane: usize): void {
  if (step == 2) gradientTiles2(dy, lines, columns, to, plane);
  else if (step == 3) gradientTiles3(dy, lines, columns, to, plane);
  else if (step == 4) gradientTiles4(dy, lines, columns, to, plane);
  else gradientTiles5(dy, lines, columns, to, plane);
}

/** A of `[6][count]` sums to the gradient of `[count][taps]` weights; added to if `accumulate`. */
export function unpackWinograd(sums: usize, count: i32, taps: i32, dw: usize, accumulate: bool): void {
  const plane = <usize>count << 2;
  for (let i = 0; i < count; i++) {
    let at = sums;
    const m0 = load<f32>(at); at += plane;
    const m1 = load<f32>(at); at += plane;
    const m2 = load<f32>(at); at += plane;
    const m3 = load<f32>(at); at += plane;
    const m4 = load<f32>(at); at += plane;
    const m5 = load<f32>(at);
    const s = m1 + m2, d = m1 - m2, S = m3 + m4, D = m3 - m4;
    put(dw, m0 + s + S, accumulate); dw += 4;
    put(dw, taps == 2 ? d + D * 2 + m5 : d + D * 2, accumulate); dw += 4;
    if (taps > 2) { put(dw, taps == 3 ? s + S * 4 + m5 : s + S * 4, accumulate); dw += 4; }
    if (taps > 3) { put(dw, taps == 4 ? d + D * 8 + m5 : d + D * 8, accumulate); dw += 4; }
    if (taps > 4) { put(dw, s + S * 16 + m5, accumulate); dw += 4; }
    sums += 4;
  }
}

/** A row of a picture, or of zeros outside of it. */
// @ts-ignore: decorator
@inline
function rowOf(x: usize, row: i32, height: i32, line: usize, zeros: usize): usize {
  return <u32>row < <u32>height ? x + <usize>row * line : zeros;
}

/**
 * B of 4 rows of inputs, from row `first` on, which may lie outside the picture, as some columns may: there it is 0.
 *
 * @param lines scratch: 5 rows of `left + width + step + 6` lane groups, zero at first; the last one stays zero
 * @param v `[4][6][channels][tiles]` lane groups
 */
function gridInput(
  x: usize, channels: i32, height: i32, width: i32, first: i32, left: i32, step: i32, tiles: i32, lines: usize, v: usize,
): void {
  const line = <usize>width * GROUP, ofTiles = <usize>tiles * GROUP, plane = <usize>channels * ofTiles;
  const padded = <usize>(left + width + step + POINTS) * GROUP, zeros = lines + padded * 4, inside = lines + <usize>left * GROUP;
  for (let c = 0; c < channels; c++) {
    const r0 = rowOf(x, first, height, line, zeros), r1 = rowOf(x, first + 1, height, line, zeros);
    const r2 = rowOf(x, first + 2, height, line, zeros), r3 = rowOf(x, first + 3, height, line, zeros);
    for (let i: usize = 0; i < line; i += GROUP) {
      const a0 = v128.load(r0 + i), b0 = v128.load(r0 + i, 16), a1 = v128.load(r1 + i), b1 = v128.load(r1 + i, 16);
      const a2 = v128.load(r2 + i), b2 = v128.load(r2 + i, 16), a3 = v128.load(r3 + i), b3 = v128.load(r3 + i, 16);
      let to = inside + i, lo = f32x4.sub(a0, a2), hi = f32x4.sub(b0, b2);
      v128.store(to, lo); v128.store(to, hi, 16);
      to += padded; lo = f32x4.add(a1, a2); hi = f32x4.add(b1, b2);
      v128.store(to, lo); v128.store(to, hi, 16);
      to += padded; lo = f32x4.sub(a2, a1); hi = f32x4.sub(b2, b1);
      v128.store(to, lo); v128.store(to, hi, 16);
      to += padded; lo = f32x4.sub(a1, a3); hi = f32x4.sub(b1, b3);
      v128.store(to, lo); v128.store(to, hi, 16);
    }
    for (let k = 0; k < ROW_POINTS; k++) {
      let from = lines + <usize>k * padded, to = v + <usize>(k * POINTS) * plane;
      for (let t = 0; t < tiles; t++, to += GROUP, from += <usize>(step << 5)) inputTile(false, from, 0, 0, to, plane);
    }
    x += <usize>height * line;
    v += ofTiles;
  }
}

/** A down the columns: sums of 4 row points, `ofRow` bytes apart, to those of 2 rows, `ofRow` bytes apart, for `count` lane groups. */
// @ts-ignore: decorator
@inline
function gridRows(sums: usize, ofRow: usize, count: i32): void {
  for (const end = sums + <usize>count * GROUP; sums < end; sums += GROUP) {
    const a1 = v128.load(sums + ofRow), b1 = v128.load(sums + ofRow, 16), a2 = v128.load(sums + ofRow * 2), b2 = v128.load(sums + ofRow * 2, 16);
    const a0 = v128.load(sums), b0 = v128.load(sums, 16), a3 = v128.load(sums + ofRow * 3), b3 = v128.load(sums + ofRow * 3, 16);
    const lo = f32x4.add(f32x4.add(a0, a1), a2), hi = f32x4.add(f32x4.add(b0, b1), b2);
    const LO = f32x4.sub(f32x4.sub(a1, a2), a3), HI = f32x4.sub(f32x4.sub(b1, b2), b3);
    v128.store(sums, lo); v128.store(sums, hi, 16);
    v128.store(sums + ofRow, LO); v128.store(sums + ofRow, HI, 16);
  }
}

/**
 * A whole convolution with 3 kernel rows, of `[channels][height][width]` lane groups with zeros above and to the left, `top` and `left`,
 * and as many as it takes below and to the right.
 *
 * @param table byte offsets (u32) of the channels in a plane
 * @param panels as `packWinogradGrid` writes them
 * @param lines scratch of `gridInput`
 * @param v, sums scratch: `[4][6][channels][tiles]` and `[4][6][outputs][tiles]` lane groups
 */
export function winogradGrid(
  x: usize, channels: i32, height: i32, width: i32, top: i32, left: i32, table: usize, panels: usize, bias: usize, lines: usize,
  v: usize, sums: usize, y: usize, outputs: i32, rows: i32, columns: i32, step: i32, tiles: i32, wPlane: usize, joined: bool,
): void {
  const line = <usize>columns * GROUP, yPlane = <usize>rows * line, ofTiles = <usize>tiles * GROUP;
  const vPlane = <usize>channels * ofTiles, ofPoint = <usize>outputs * ofTiles, ofRow = ofPoint * POINTS;
  for (let row = 0; row < rows; row += 2) {
    gridInput(x, channels, height, width, row - top, left, step, tiles, lines, v);
    let from = v, w = panels, to = sums;
    for (let point = 0; point < ROW_POINTS * POINTS; point++) {
      weightedSums(from, 0, GROUP, table, channels, w, 0, 0, to, outputs, 1, tiles, joined);
      from += vPlane;
      w += wPlane;
      to += ofPoint;
    }
    gridRows(sums, ofRow, POINTS * outputs * tiles);
    for (let k = 0; k < 2 && row + k < rows; k++) {
      let s = sums + <usize>k * ofRow, at = y;
      for (let o = 0; o < outputs; o++) {
        const b = bias ? bias + (<usize>o << 2) : 0;
        if (step == 2) output2(s, ofPoint, b, at, columns);
        else if (step == 3) output3(s, ofPoint, b, at, columns);
        else if (step == 4) output4(s, ofPoint, b, at, columns);
        else output5(s, ofPoint, b, at, columns);
        s += ofTiles;
        at += yPlane;
      }
      y += line;
    }
  }
}

/** G of 3 kernel rows, down the columns and along the rows, to 4 * 6 panels, `plane` bytes apart; arguments as of `packWinograd`. */
export function packWinogradGrid(
  w: usize, outputStep: i32, inputStep: i32, rowStep: i32, tapStep: i32, outputs: i32, inputs: i32, taps: i32, panels: usize, plane: usize,
): void {
  for (let o = 0; o < outputs; ) {
    const width = blockWidth(outputs - o);
    for (let c = 0; c < inputs; c++) {
      for (let k = 0; k < width; k++, panels += 4) {
        const at = w + <usize>((o + k) * outputStep + c * inputStep);
        for (let point = 0; point < ROW_POINTS; point++) {
          putPoints(
            taps, rowPoint(at, rowStep, point), rowPoint(at + <usize>tapStep, rowStep, point),
            taps > 2 ? rowPoint(at + <usize>(tapStep * 2), rowStep, point) : 0, taps > 3 ? rowPoint(at + <usize>(tapStep * 3), rowStep, point) : 0,
            taps > 4 ? rowPoint(at + <usize>(tapStep * 4), rowStep, point) : 0, panels + <usize>(point * POINTS) * plane, plane,
          );
        }
      }
    }
    o += width;
  }
}

// @ts-ignore: decorator
@inline
function rowPoint(at: usize, rowStep: i32, point: i32): f32 {
  const g0 = load<f32>(at), g2 = load<f32>(at + <usize>(rowStep * 2));
  if (point == 0) return g0;
  if (point == 3) return g2;
  const g1 = load<f32>(at + <usize>rowStep);
  return (point == 1 ? g0 + g1 + g2 : g0 - g1 + g2) * 0.5;
}
