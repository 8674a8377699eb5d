import { BLOCK, GROUP, madd, putGroup, rowsOfBlock } from '../shared/vector.as';
import { blockWidth } from '../gemm/weighted-sums.as';
import { Four, One, Three, Two, widthOf } from '../shared/width.as';

/**
 * The gradient of a convolution's input: dx[c][y][x] = sum over i, j, o of w[o][c][i][j] * dy[o][(y - i) / stride][(x - j) / stride],
 * over the kernel rows i, kernel columns j and outputs o (the order of the sum, in blocks) whose dy exists. Nothing is multiplied by a frame of
 * zeros, or by those that a stride would leave between: 1.0 to 2.0 times fewer products than a padded convolution takes.
 *
 * The kernel columns that meet one x are those of x's remainder by the stride. Panels hold them side by side, so that a kernel row is
 * one run of (column, output) through `table`, whose entry is the offset of that column's and output's dy.
 */

// @ts-ignore: decorator
@inline
function block(
  width: i32, dy: usize, dyRow: usize, from: usize, to: usize, w: usize, wRow: usize, count: i32, dx: usize, dxStride: usize,
  accumulate: bool,
): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  for (let i = 0; i < count; i++) {
    let at = w;
    for (let t = from; t < to; t += 4) {
      const p = dy + <usize>load<u32>(t);
      const lo = v128.load(p), hi = v128.load(p, 16);
      let s = v128.load32_splat(at);
      a0 = madd(a0, lo, s); b0 = madd(b0, hi, s);
      if (width > 1) { s = v128.load32_splat(at, 4); a1 = madd(a1, lo, s); b1 = madd(b1, hi, s); }
      if (width > 2) { s = v128.load32_splat(at, 8); a2 = madd(a2, lo, s); b2 = madd(b2, hi, s); }
      if (width > 3) { s = v128.load32_splat(at, 12); a3 = madd(a3, lo, s); b3 = madd(b3, hi, s); }
      at += <usize>width << 2;
    }
    w += wRow;
    dy -= dyRow;
  }
  putGroup(dx, a0, b0, accumulate);
  if (width > 1) { dx += dxStride; putGroup(dx, a1, b1, accumulate); }
  if (width > 2) { dx += dxStride; putGroup(dx, a2, b2, accumulate); }
  if (width > 3) { dx += dxStride; putGroup(dx, a3, b3, accumulate); }
}

/** One position: kernel rows of `terms` terms each, block after block. */
// @ts-ignore: decorator
@inline
function position(
  width: i32, dy: usize, dyRow: usize, table: usize, terms: i32, w: usize, wRow: usize, count: i32, dx: usize, dxStride: usize,
): void {
  const end = table + (<usize>terms << 2);
  if (terms * count <= BLOCK) {
    block(width, dy, dyRow, table, end, w, wRow, count, dx, dxStride, false);
    return;
  }
  const rows = rowsOfBlock(terms);
  for (let i = 0; i < count; i += rows) {
    for (let t = 0; t < terms; t += BLOCK) {
      const from = table + (<usize>t << 2), to = table + (<usize>min(t + BLOCK, terms) << 2);
      const panel = w + <usize>i * wRow + (<usize>(t * width) << 2);
      block(width, dy - <usize>i * dyRow, dyRow, from, to, panel, wRow, min(count - i, rows), dx, dxStride, i + t > 0);
    }
  }
}

/** One row of dx for one block of channels. */
// @ts-ignore: decorator
@inline
function blockRow(
  width: i32, dy: usize, dyRow: usize, columns: i32, outputs: i32, table: usize, w: usize, kernelWidth: i32, stride: i32,
  rowStep: i32, count: i32, dx: usize, dxStride: usize, dxWidth: i32, left: i32,
): void {
  const term = <usize>width << 2, wRow = <usize>(rowStep * kernelWidth * outputs) * term, run = <usize>outputs << 2;
  const whole = kernelWidth / stride, rest = kernelWidth % stride;
  for (let x = left; x < dxWidth + left; x++) {
    const quotient = x / stride, remainder = x % stride;
    const first = max(0, quotient - columns + 1), last = min(whole + i32(remainder < rest) - 1, quotient);
    const before = remainder * whole + min(remainder, rest); // kernel columns of smaller remainders
    position(
      width, dy + <usize>quotient * GROUP, dyRow, table + <usize>first * run, max(0, last + 1 - first) * outputs,
      w + <usize>((before + first) * outputs) * term, wRow, count, dx, dxStride,
    );
    dx += GROUP;
  }
}

function rowOf<Width>(
  dy: usize, dyRow: usize, columns: i32, outputs: i32, table: usize, w: usize, kernelWidth: i32, stride: i32,
  rowStep: i32, count: i32, dx: usize, dxStride: usize, dxWidth: i32, left: i32,
): void {
  blockRow(widthOf<Width>(), dy, dyRow, columns, outputs, table, w, kernelWidth, stride, rowStep, count, dx, dxStride, dxWidth, left);
}

/**
 * @param dy `[outputs][rows][columns]` lane groups
 * @param table `[ceil(kernelWidth / strideWidth)][outputs]` byte offsets (u32): output's plane - column
 * @param panels as `packInputPanels` writes them
 * @param dx `[channels][height][width]` lane groups: the picture without its padding, whose first row and column are at (top, left)
 */
export function convInputGradient(
  dy: usize, rows: i32, columns: i32, outputs: i32, table: usize, panels: usize,
  kernelHeight: i32, kernelWidth: i32, strideHeight: i32, strideWidth: i32,
  dx: usize, channels: i32, height: i32, width: i32, top: i32, left: i32,
): void {
  const dyRow = <usize>columns * GROUP, dxStride = <usize>(height * width) * GROUP;
  const terms = kernelHeight * kernelWidth * outputs;
  for (let y = top; y < height + top; y++) {
    const quotient = y / strideHeight, remainder = y % strideHeight;
    const first = max(0, quotient - rows + 1);
    const last = remainder < kernelHeight ? min((kernelHeight - 1 - remainder) / strideHeight, quotient) : -1;
    const count = max(0, last - first + 1), from = dy + <usize>(quotient - first) * dyRow;
    const skipped = (remainder + first * strideHeight) * kernelWidth * outputs; // terms of kernel rows before the first
    let w = panels, to = dx;
    for (let rest = channels; rest > 0; ) {
      const size = blockWidth(rest), at = w + <usize>(skipped * size << 2);
      if (size == 4) rowOf<Four>(from, dyRow, columns, outputs, table, at, kernelWidth, strideWidth, strideHeight, count, to, dxStride, width, left);
      else if (size == 3) rowOf<Three>(from, dyRow, columns, outputs, table, at, kernelWidth, strideWidth, strideHeight, count, to, dxStride, width, left);
      else if (size == 2) rowOf<Two>(from, dyRow, columns, outputs, table, at, kernelWidth, strideWidth, strideHeight, count, to, dxStride, width, left);
      else rowOf<One>(from, dyRow, columns, outputs, table, at, kernelWidth, strideWidth, strideHeight, count, to, dxStride, width, left);
      rest -= size;
      w += <usize>(size * terms << 2);
      to += <usize>size * dxStride;
    }
    dx += <usize>width * GROUP;
  }
}

/**
 * Weights `[outputs][channels][kernelHeight][kernelWidth]` to panels, one a block of channels, each
 * `[kernel row][kernel column, by remainder, then quotient][output][channel of the block]`.
 */
export function packInputPanels(
  w: usize, outputs: i32, channels: i32, kernelHeight: i32, kernelWidth: i32, strideWidth: i32, panels: usize,
): void {
  const kernel = kernelHeight * kernelWidth;
  for (let c = 0; c < channels; ) {
    const size = blockWidth(channels - c);
    for (let i = 0; i < kernelHeight; i++) {
      for (let remainder = 0; remainder < strideWidth; remainder++) {
        for (let j = remainder; j < kernelWidth; j += strideWidth) {
          for (let o = 0; o < outputs; o++) {
            for (let k = 0; k < size; k++) {
              store<f32>(panels, load<f32>(w + <usize>((o * channels + c + k) * kernel + i * kernelWidth + j << 2)));
              panels += 4;
            }
          }
        }
      }
    }
    c += size;
  }
}
