import { GROUP, scaled } from '../shared/vector.as';
import { addWeightedSums, blockWidth } from '../gemm/weighted-sums.as';
import { FAR, inputPoints, NEAR, outputPoints, POINTS } from './points.as';

/**
 * A convolution with 3 x 3 kernels over tiles of 4 x 4 outputs (see `points.as.ts`), a strip of some rows of tiles at a time. Each point's
 * products are `weightedSums` over the channels.
 */

/** Channels that are summed before the next: what 4 tiles have of them is half of the first-level cache. **The bits depend on it.** */
const TERMS = 128;

/** A row of a picture, or of zeros outside of it. */
// @ts-ignore: decorator
@inline
function rowOf(x: usize, row: i32, height: i32, line: usize, zeros: usize): usize {
  return <u32>row < <u32>height ? x + <usize>row * line : zeros;
}

/**
 * B of a strip's tiles, the first one's first input at (`first`, -left); what lies outside the picture is 0.
 *
 * @param lines scratch: 7 rows of `left + width + 6` lane groups, zero at first; the last one stays zero
 * @param v `[36][channels][tileRows][tiles]` lane groups, points `plane` bytes apart, channels `channel`
 */
function stripInput(
  x: usize, channels: i32, height: i32, width: i32, first: i32, left: i32, tileRows: i32, tiles: i32, lines: usize, v: usize,
  channel: usize, plane: usize,
): void {
  const line = <usize>width * GROUP, padded = <usize>(left + width + POINTS) * GROUP;
  const zeros = lines + padded * POINTS, inside = lines + <usize>left * GROUP;
  for (let c = 0; c < channels; c++, x += <usize>height * line, v += channel) {
    let at = v;
    for (let tileRow = 0, row = first; tileRow < tileRows; tileRow++, row += 4) {
      const r0 = rowOf(x, row, height, line, zeros), r1 = rowOf(x, row + 1, height, line, zeros), r2 = rowOf(x, row + 2, height, line, zeros);
      const r3 = rowOf(x, row + 3, height, line, zeros), r4 = rowOf(x, row + 4, height, line, zeros), r5 = rowOf(x, row + 5, height, line, zeros);
      for (let i: usize = 0; i < line; i += GROUP) inputPoints(r0 + i, r1 + i, r2 + i, r3 + i, r4 + i, r5 + i, inside + i, padded);
      let from = lines;
      for (let k = 0; k < POINTS; k++, from += padded) {
        let to = at + <usize>(k * POINTS) * plane;
        for (let p = from, end = from + <usize>(tiles << 7); p < end; p += GROUP * 4, to += GROUP) {
          inputPoints(p, p + 32, p + 64, p + 96, p + 128, p + 160, to, plane);
        }
      }
      at += <usize>tiles * GROUP;
    }
  }
}

/** A of one tile's sums, points `plane` bytes apart, to `rows` x `columns` outputs. `half`: scratch, `[4][6]` lane groups. */
// @ts-ignore: decorator
@inline
function outputTile(sums: usize, plane: usize, half: usize, bias: usize, y: usize, line: usize, rows: i32, columns: i32): void {
  for (let k = 0; k < POINTS; k++, sums += plane) outputPoints(sums, plane * POINTS, half + <usize>(k << 5), <usize>POINTS * GROUP, 4, 0);
  for (let i = 0; i < rows; i++, half += <usize>POINTS * GROUP, y += line) outputPoints(half, GROUP, y, GROUP, columns, bias);
}

function wholeTile(sums: usize, plane: usize, half: usize, bias: usize, y: usize, line: usize): void {
  outputTile(sums, plane, half, bias, y, line, 4, 4);
}

function tileAtEdge(sums: usize, plane: usize, half: usize, bias: usize, y: usize, line: usize, rows: i32, columns: i32): void {
  outputTile(sums, plane, half, bias, y, line, rows, columns);
}

/**
 * A whole convolution of `[channels][height][width]` lane groups with zeros above and to the left, `top` and `left`, and as many as it
 * takes below and to the right.
 *
 * @param table byte offsets (u32) of the channels in a plane of v
 * @param panels as `packWinogradGrid` writes them, points `wPlane` bytes apart
 * @param bias `[outputs]`, or 0 for none
 * @param lines scratch: 7 rows of `left + width + 6` lane groups, zero at first
 * @param v, sums scratch: 36 planes of `[channels or outputs][stripRows][tiles]` lane groups, and 2 lane groups more each
 * @param half scratch: 24 lane groups
 * @param stripRows rows of tiles at a time: a matter of speed, never of the sums
 */
export function winogradGrid(
  x: usize, channels: i32, height: i32, width: i32, top: i32, left: i32, table: usize, panels: usize, wPlane: usize, bias: usize,
  lines: usize, v: usize, sums: usize, half: usize, y: usize, outputs: i32, rows: i32, columns: i32, stripRows: i32, joined: bool,
): void {
  const tiles = (columns + 3) >> 2, tileRows = (rows + 3) >> 2, line = <usize>columns * GROUP;
  const channel = <usize>(stripRows * tiles) * GROUP, vPlane = <usize>channels * channel + GROUP * 2, plane = <usize>outputs * channel + GROUP * 2;
  for (let first = 0; first < tileRows; first += stripRows) {
    const strip = min(stripRows, tileRows - first), count = strip * tiles;
    stripInput(x, channels, height, width, first * 4 - top, left, strip, tiles, lines, v, channel, vPlane);
    let from = v, w = panels, to = sums;
    for (let point = 0; point < POINTS * POINTS; point++, from += vPlane, w += wPlane, to += plane) {
      for (let c = 0; c < channels; c += TERMS) {
        const terms = min(channels - c, TERMS), panel = w + <usize>(outputs * c << 2);
        addWeightedSums(from + <usize>c * channel, 0, GROUP, table, terms, panel, 0, 0, to, outputs, 1, count, c > 0, joined);
      }
    }
    from = sums;
    for (let o = 0; o < outputs; o++) {
      const b: usize = bias ? bias + <usize>(o << 2) : 0;
      for (let tileRow = first; tileRow < first + strip; tileRow++) {
        const below = rows - tileRow * 4;
        let at = y + <usize>(o * rows + tileRow * 4) * line;
        for (let right = columns; right > 0; right -= 4, at += GROUP * 4, from += GROUP) {
          if (below > 3 && right > 3) wholeTile(from, plane, half, b, at, line);
          else tileAtEdge(from, plane, half, b, at, line, min(below, 4), min(right, 4));
        }
      }
    }
  }
}

/** The same weight of up to 4 outputs. */
// @ts-ignore: decorator
@inline
function weightsOf(at: usize, step1: usize, step2: usize, step3: usize): v128 {
  return v128.load_lane<f32>(at + step3, v128.load_lane<f32>(at + step2, v128.load_lane<f32>(at + step1, v128.load32_zero(at), 1), 2), 3);
}

/** G along a row of 3 taps, to 6 panels. */
// @ts-ignore: decorator
@inline
function putRow(w0: v128, w1: v128, w2: v128, to: usize, plane: usize): void {
  v128.store(to, w0); to += plane;
  let even = scaled(f32x4.add(w0, scaled(w2, 0.5)), -2.0 / 3.0), odd = scaled(w1, NEAR * (-2.0 / 3.0));
  v128.store(to, f32x4.add(even, odd)); to += plane;
  v128.store(to, f32x4.sub(even, odd)); to += plane;
  even = scaled(f32x4.add(w0, f32x4.add(w2, w2)), 1.0 / 6.0); odd = scaled(w1, FAR / 6.0);
  v128.store(to, f32x4.add(even, odd)); to += plane;
  v128.store(to, f32x4.sub(even, odd)); to += plane;
  v128.store(to, w2);
}

/** G of the 3 x 3 kernels of up to 4 outputs for one input, down the columns and along the rows, to 36 panels. */
// @ts-ignore: decorator
@inline
function putKernels(at: usize, step1: usize, step2: usize, step3: usize, rowStep: i32, tapStep: i32, to: usize, plane: usize): void {
  const ofRow = plane * POINTS;
  const a0 = weightsOf(at, step1, step2, step3), a1 = weightsOf(at + tapStep, step1, step2, step3), a2 = weightsOf(at + tapStep * 2, step1, step2, step3);
  at += rowStep;
  const b0 = weightsOf(at, step1, step2, step3), b1 = weightsOf(at + tapStep, step1, step2, step3), b2 = weightsOf(at + tapStep * 2, step1, step2, step3);
  at += rowStep;
  const c0 = weightsOf(at, step1, step2, step3), c1 = weightsOf(at + tapStep, step1, step2, step3), c2 = weightsOf(at + tapStep * 2, step1, step2, step3);
  putRow(a0, a1, a2, to, plane);
  let e0 = scaled(f32x4.add(a0, scaled(c0, 0.5)), -2.0 / 3.0), e1 = scaled(f32x4.add(a1, scaled(c1, 0.5)), -2.0 / 3.0);
  let e2 = scaled(f32x4.add(a2, scaled(c2, 0.5)), -2.0 / 3.0);
  let f0 = scaled(b0, NEAR * (-2.0 / 3.0)), f1 = scaled(b1, NEAR * (-2.0 / 3.0)), f2 = scaled(b2, NEAR * (-2.0 / 3.0));
  to += ofRow; putRow(f32x4.add(e0, f0), f32x4.add(e1, f1), f32x4.add(e2, f2), to, plane);
  to += ofRow; putRow(f32x4.sub(e0, f0), f32x4.sub(e1, f1), f32x4.sub(e2, f2), to, plane);
  e0 = scaled(f32x4.add(a0, f32x4.add(c0, c0)), 1.0 / 6.0); e1 = scaled(f32x4.add(a1, f32x4.add(c1, c1)), 1.0 / 6.0);
  e2 = scaled(f32x4.add(a2, f32x4.add(c2, c2)), 1.0 / 6.0);
  f0 = scaled(b0, FAR / 6.0); f1 = scaled(b1, FAR / 6.0); f2 = scaled(b2, FAR / 6.0);
  to += ofRow; putRow(f32x4.add(e0, f0), f32x4.add(e1, f1), f32x4.add(e2, f2), to, plane);
  to += ofRow; putRow(f32x4.sub(e0, f0), f32x4.sub(e1, f1), f32x4.sub(e2, f2), to, plane);
  to += ofRow; putRow(c0, c1, c2, to, plane);
}

/**
 * G of 3 x 3 kernels to 36 planes of panels, `plane` bytes apart: for each 128 inputs one as `weightedSums` takes it; up to 12 bytes behind
 * the last may be written. Weight (output, input, row, tap) is at w + output * outputStep + input * inputStep + row * rowStep +
 * tap * tapStep bytes.
 */
export function packWinogradGrid(
  w: usize, outputStep: i32, inputStep: i32, rowStep: i32, tapStep: i32, outputs: i32, inputs: i32, panels: usize, plane: usize,
): void {
  for (let first = 0; first < inputs; first += TERMS) {
    for (let o = 0; o < outputs; ) {
      const width = blockWidth(outputs - o);
      // A narrower block takes its first output's weights again, and the next store covers them.
      const step1 = width > 1 ? <usize>outputStep : 0, step2 = width > 2 ? <usize>outputStep * 2 : 0, step3 = width > 3 ? <usize>outputStep * 3 : 0;
      for (let c = first; c < min(first + TERMS, inputs); c++, panels += <usize>(width << 2)) {
        putKernels(w + <usize>(o * outputStep + c * inputStep), step1, step2, step3, rowStep, tapStep, panels, plane);
      }
      o += width;
    }
  }
}
