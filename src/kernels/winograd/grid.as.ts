import { GROUP } from '../shared/vector.as';
import { blockWidth, weightedSums } from '../gemm/weighted-sums.as';
import { inputTile, outputRows, POINTS, putPoints } from './rows.as';

/**
 * Winograd's filtering, along the rows as in `rows.as.ts`, and down the columns too, for 3 kernel rows: tiles of 2 rows of outputs, from
 * 4 rows of inputs, at the points 0, 1, -1 and infinity. That takes 4 * 6 products for 2 * m outputs, and 3 kernel rows are no terms any
 * more: sums go over channels alone.
 */

/** Points down the columns. */
const ROW_POINTS = 4;

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
      outputRows(sums + <usize>k * ofRow, ofPoint, bias, y, yPlane, outputs, columns, step, tiles);
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
