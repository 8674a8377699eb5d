import { GROUP, scaled } from '../shared/vector.as';
import { blockWidth, weightedSums } from '../gemm/weighted-sums.as';
import { Five, Four, Three, Two, widthOf } from '../shared/width.as';

/**
 * Convolution along rows by Winograd's minimal filtering (Winograd 1980; Lavin and Gray 2015, https://arxiv.org/abs/1509.09308), in one
 * dimension: a *tile* of m outputs with r taps takes m + r - 1 = 6 products instead of m * r: half of them for 3 taps, 0.6 for 5. The 6 are
 * values of polynomials at the points 0, 1, -1, 2, -2 and infinity:
 *
 *   y = A (G w * B x), B: 6 inputs to 6 values, G: r taps to 6 values, A: 6 values to m outputs
 *
 * B depends on the points alone. G evaluates sum over j of w[j] p^j, over a divisor; A gives sum over the points of p^k value. The three
 * matrices, and where they come from, are in `matrices.ts`.
 * Planes of the transform lie one behind the other, `[point][channel][row][tile]` lane groups, so that each point's products are
 * `weightedSums` over channels and kernel rows.
 */

const POINTS = 6;

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

function outputOf<Width>(sums: usize, plane: usize, bias: usize, y: usize, columns: i32): void {
  outputRow(widthOf<Width>(), sums, plane, bias, y, columns);
}

/** A for a row of tiles of every output: from `[outputs][tiles]` sums a point to `[outputs]` rows of y, `yPlane` bytes apart. */
function outputRows(
  sums: usize, plane: usize, bias: usize, y: usize, yPlane: usize, outputs: i32, columns: i32, step: i32, tiles: i32,
): void {
  for (let o = 0; o < outputs; o++) {
    if (step == 2) outputOf<Two>(sums, plane, bias, y, columns);
    else if (step == 3) outputOf<Three>(sums, plane, bias, y, columns);
    else if (step == 4) outputOf<Four>(sums, plane, bias, y, columns);
    else outputOf<Five>(sums, plane, bias, y, columns);
    if (bias) bias += 4;
    sums += <usize>tiles * GROUP;
    y += yPlane;
  }
}

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
    outputRows(sums, ofPoint, bias, y, yPlane, outputs, columns, step, tiles);
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
