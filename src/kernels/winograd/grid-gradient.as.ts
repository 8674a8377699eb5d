import { GROUP, put, scaled } from '../shared/vector.as';
import { addWeightedSums } from '../gemm/weighted-sums.as';
import { storeTransposed } from '../layout/transpose.as';
import { FAR, gradientPoints, inputPoints, NEAR, POINTS } from './points.as';

/**
 * The gradient of 3 x 3 weights over tiles of 4 x 4 positions (see `points.as.ts`), with dy for the taps: 2.25 products a position instead of
 * 9. Its sums go over positions and samples, so x and dy are transposed on the way: a lane group is 8 channels of one sample, a term of a sum
 * is a tile of one sample, and each point's products are `weightedSums` with dy for the weights. Nothing is added across a vector.
 *
 * A strip of rows of tiles has `terms`, `[tileRows][tiles][8 samples]`; its transforms are `[36][channels / 8][terms]` lane groups.
 */

/** Bytes of a column: 8 samples of 8 channels. */
const COLUMN: usize = GROUP * 8;

/** One position of up to 8 channels, `plane` bytes apart, sample by sample; the channels that are missing are 0. */
function transposeColumn(at: usize, plane: usize, channels: i32, zeros: usize, to: usize): void {
  for (let half: usize = 0; half < GROUP; half += 16, channels -= 4, at += plane * 4) {
    const p0 = channels > 0 ? at : zeros, p1 = channels > 1 ? at + plane : zeros;
    const p2 = channels > 2 ? at + plane * 2 : zeros, p3 = channels > 3 ? at + plane * 3 : zeros;
    storeTransposed(v128.load(p0), v128.load(p1), v128.load(p2), v128.load(p3), to + half, GROUP);
    storeTransposed(v128.load(p0, 16), v128.load(p1, 16), v128.load(p2, 16), v128.load(p3, 16), to + half + GROUP * 4, GROUP);
  }
}

/**
 * `columns` columns of `rows` rows each, from row `first` on, which may lie outside the picture: there it is 0. Row by row, since rows and
 * channels that lie a power of two apart crowd the cache.
 *
 * @param x the first column of row 0; channels lie `plane` bytes apart, rows `line`
 */
// @ts-ignore: decorator
@inline
function takeColumns(
  x: usize, plane: usize, channels: i32, first: i32, rows: i32, height: i32, line: usize, columns: i32, zeros: usize, to: usize,
): void {
  for (let row = first; row < first + rows; row++, to += COLUMN) {
    const isInside = <u32>row < <u32>height;
    let at = x + <usize>row * line, p = to;
    for (let column = 0; column < columns; column++, at += GROUP, p += <usize>rows * COLUMN) {
      if (isInside) transposeColumn(at, plane, channels, zeros, p);
      else memory.fill(p, 0, COLUMN);
    }
  }
}

/**
 * B of a row of tiles of up to 8 channels, the first tile's first input at (`first`, -left).
 *
 * @param lines scratch: 6 rows, `padded` bytes apart, of columns, zero at first
 * @param columns scratch: 6 x 6 columns
 * @param v from the row's first term on; points `plane` bytes apart
 */
function inputRow(
  x: usize, channels: i32, height: i32, width: i32, first: i32, left: i32, tiles: i32, lines: usize, padded: usize,
  columns: usize, zeros: usize, v: usize, plane: usize,
): void {
  const line = <usize>width * GROUP;
  let done = 0, inside = lines + <usize>left * COLUMN;
  for (let t = 0; t < tiles; t++, lines += COLUMN * 4, v += COLUMN) {
    const count = max(min(t * 4 + POINTS - left, width) - done, 0);
    takeColumns(x + <usize>done * GROUP, <usize>height * line, channels, first, POINTS, height, line, count, zeros, columns);
    done += count;
    for (let column = columns, end = column + <usize>(count * POINTS) * COLUMN; column < end; column += COLUMN * POINTS, inside += COLUMN) {
      for (let p = column, i = inside; p < column + COLUMN; p += GROUP, i += GROUP) {
        inputPoints(p, p + COLUMN, p + COLUMN * 2, p + COLUMN * 3, p + COLUMN * 4, p + COLUMN * 5, i, padded);
      }
    }
    let from = lines, to = v;
    for (let k = 0; k < POINTS; k++, from += padded, to += plane * POINTS) {
      let at = to;
      for (let p = from, end = from + COLUMN; p < end; p += GROUP, at += GROUP) {
        inputPoints(p, p + COLUMN, p + COLUMN * 2, p + COLUMN * 3, p + COLUMN * 4, p + COLUMN * 5, at, plane);
      }
    }
  }
}

/** G of a row of tiles of up to 8 outputs' gradients. `lines`, `taken`: scratch, 6 x 4 and 4 x 4 columns. */
function gradientRow(
  dy: usize, outputs: i32, rows: i32, columns: i32, first: i32, tiles: i32, lines: usize, taken: usize, zeros: usize, d: usize, plane: usize,
): void {
  const line = <usize>columns * GROUP;
  for (let t = 0; t < tiles; t++, d += COLUMN) {
    const count = min(columns - t * 4, 4);
    takeColumns(dy + <usize>t * GROUP * 4, <usize>rows * line, outputs, first, 4, rows, line, count, zeros, taken);
    if (count < 4) memory.fill(taken + <usize>count * COLUMN * 4, 0, <usize>(4 - count) * COLUMN * 4);
    for (let column = taken, to = lines; to < lines + COLUMN * 4; column += COLUMN * 4, to += COLUMN) {
      for (let p = column, i = to; p < column + COLUMN; p += GROUP, i += GROUP) {
        gradientPoints(p, p + COLUMN, p + COLUMN * 2, p + COLUMN * 3, i, COLUMN * 4);
      }
    }
    let from = lines, to = d;
    for (let k = 0; k < POINTS; k++, from += COLUMN * 4, to += plane * POINTS) {
      let at = to;
      for (let p = from, end = from + COLUMN; p < end; p += GROUP, at += GROUP) {
        gradientPoints(p, p + COLUMN, p + COLUMN * 2, p + COLUMN * 3, at, plane);
      }
    }
  }
}

/** A of 6 vectors, `fromStep` bytes apart, to 3, `step` bytes apart. */
// @ts-ignore: decorator
@inline
function weightPoints(from: usize, fromStep: usize, to: usize, step: usize): void {
  const m0 = v128.load(from); from += fromStep;
  const m1 = v128.load(from); from += fromStep;
  const m2 = v128.load(from); from += fromStep;
  const m3 = v128.load(from); from += fromStep;
  const m4 = v128.load(from); from += fromStep;
  const s = f32x4.add(m1, m2), S = f32x4.add(m3, m4);
  v128.store(to, f32x4.add(f32x4.add(m0, s), S)); to += step;
  v128.store(to, f32x4.add(scaled(f32x4.sub(m1, m2), NEAR), scaled(f32x4.sub(m3, m4), FAR))); to += step;
  v128.store(to, f32x4.add(f32x4.add(scaled(s, 0.5), f32x4.add(S, S)), v128.load(from)));
}

// @ts-ignore: decorator
@inline
function putVector(at: usize, value: v128, accumulate: bool): void {
  v128.store(at, accumulate ? f32x4.add(v128.load(at), value) : value);
}

/** 4 taps of 4 channels to 4 channels' taps, 9 floats apart. */
// @ts-ignore: decorator
@inline
function putTaps(from: usize, dw: usize, accumulate: bool): void {
  const r0 = v128.load(from), r1 = v128.load(from, 16), r2 = v128.load(from, 32), r3 = v128.load(from, 48);
  const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), t1 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const t2 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  putVector(dw, v128.shuffle<f32>(t0, t2, 0, 1, 4, 5), accumulate);
  putVector(dw + 36, v128.shuffle<f32>(t0, t2, 2, 3, 6, 7), accumulate);
  putVector(dw + 72, v128.shuffle<f32>(t1, t3, 0, 1, 4, 5), accumulate);
  putVector(dw + 108, v128.shuffle<f32>(t1, t3, 2, 3, 6, 7), accumulate);
}

/** A of up to 4 channels' sums, points `plane` bytes apart, to their gradients. `half`: scratch, 18 and 9 vectors. */
function putKernels(sums: usize, plane: usize, half: usize, dw: usize, channels: i32, accumulate: bool): void {
  const taps = half + 288;
  for (let k: usize = 0; k < 96; k += 16, sums += plane) weightPoints(sums, plane * POINTS, half + k, 96);
  for (let i: usize = 0; i < 3; i++) weightPoints(half + i * 96, 16, taps + i * 48, 16);
  if (channels > 3) {
    putTaps(taps, dw, accumulate);
    putTaps(taps + 64, dw + 16, accumulate);
    for (let c: usize = 0; c < 4; c++) put(dw + 32 + c * 36, load<f32>(taps + 128 + c * 4), accumulate);
  } else {
    for (let c = 0; c < channels; c++) {
      for (let tap: usize = 0; tap < 9; tap++, dw += 4) put(dw, load<f32>(taps + tap * 16 + <usize>(c << 2)), accumulate);
    }
  }
}

/**
 * dw of a convolution with 3 x 3 kernels, of `[channels][height][width]` lane groups with zeros above and to the left, `top` and `left`.
 *
 * @param dy `[outputs][rows][columns]` lane groups
 * @param table byte offsets (u32) of a strip's terms, 32 bytes apart
 * @param lines scratch: `6 * (left + width + 6) + 60` columns of 8 lane groups, and a group of zeros; zero at first
 * @param v, d scratch: 36 planes of `[channels or outputs / 8][terms]` groups of 8, and 2 groups more each
 * @param u scratch: `[36][block][block]` floats, a plane 64 bytes longer, for each pair of blocks, or once if there is one strip
 * @param half scratch: 432 bytes
 * @param dw `[outputs][channels][3][3]`; added to if `accumulate`
 * @param stripRows rows of tiles at a time: their terms are added, then the strips' sums
 * @param block channels, and outputs, of which all points are summed before the next, a multiple of 8: a matter of speed, never of the sums
 */
export function winogradGridGradient(
  x: usize, channels: i32, height: i32, width: i32, top: i32, left: i32, dy: usize, outputs: i32, rows: i32, columns: i32,
  table: usize, lines: usize, v: usize, d: usize, u: usize, half: usize, dw: usize, stripRows: i32, block: i32, accumulate: bool, joined: bool,
): void {
  const tiles = (columns + 3) >> 2, tileRows = (rows + 3) >> 2, group = <usize>(stripRows * tiles) * COLUMN;
  const vPlane = <usize>((channels + 7) >> 3) * group + 64, dPlane = <usize>((outputs + 7) >> 3) * group + 64, uPlane = <usize>(block * block * 4 + 64);
  const padded = <usize>(left + width + POINTS) * COLUMN, tile = lines + padded * POINTS, taken = tile + COLUMN * 24, zeros = taken + COLUMN * 36;
  for (let first = 0; first < tileRows; first += stripRows) {
    const strip = min(stripRows, tileRows - first), isLast = first + strip == tileRows;
    for (let c = 0; c < channels; c += 8) {
      const from = x + <usize>(c * height * width) * GROUP;
      let to = v + <usize>(c >> 3) * group;
      for (let row = first * 4; row < (first + strip) * 4; row += 4, to += <usize>tiles * COLUMN) {
        inputRow(from, channels - c, height, width, row - top, left, tiles, lines, padded, taken, zeros, to, vPlane);
      }
    }
    for (let o = 0; o < outputs; o += 8) {
      const from = dy + <usize>(o * rows * columns) * GROUP;
      let to = d + <usize>(o >> 3) * group;
      for (let row = first * 4; row < (first + strip) * 4; row += 4, to += <usize>tiles * COLUMN) {
        gradientRow(from, outputs - o, rows, columns, row, tiles, tile, taken, zeros, to, dPlane);
      }
    }
    let sums = u;
    for (let c = 0; c < channels; c += block) {
      const groups = (min(block, channels - c) + 7) >> 3, from = v + <usize>(c >> 3) * group;
      for (let o = 0; o < outputs; o += block) {
        const count = min(block, outputs - o), by = d + <usize>(o >> 3) * group;
        for (let point = 0; point < POINTS * POINTS; point++) {
          const at = from + <usize>point * vPlane;
          let w = by + <usize>point * dPlane, to = sums + <usize>point * uPlane;
          for (let left = count; left > 0; left -= 8, w += group, to += <usize>groups * COLUMN) {
            addWeightedSums(at, 0, group, table, strip * tiles * 8, w, GROUP, 0, to, min(left, 8), 1, groups, first > 0, joined);
          }
        }
        if (isLast) putBlock(sums, uPlane, half, dw + <usize>(o * channels + c) * 36, channels, channels - c, groups, count, accumulate);
        if (stripRows < tileRows) sums += uPlane * POINTS * POINTS;
      }
    }
  }
}

/** A of a block's sums: `count` outputs of `groups` groups of channels, of which there are `left`. */
// @ts-ignore: decorator
@inline
function putBlock(
  sums: usize, plane: usize, half: usize, dw: usize, channels: i32, left: i32, groups: i32, count: i32, accumulate: bool,
): void {
  for (let i = 0; i < count; i++, dw += <usize>(channels * 36)) {
    for (let c = 0; c < groups * 8; c += 4, sums += 16) {
      if (c < left) putKernels(sums, plane, half, dw + <usize>(c * 36), left - c, accumulate);
    }
  }
}
