import { GROUP } from '../shared/vector.as';
import { sumsOfRow } from '../gemm/weighted-sums.as';

/**
 * A convolution with a kernel of 1 x 1, and its input gradient: y[o] = bias[o] + sum over c of w(c, o) * x[c], each sum as `weightedSums`
 * takes it. The planes of x are as far apart as they are large, mostly a multiple of 1 KiB, so that the inputs of one position crowd a few
 * sets of the cache. A few positions at a time are therefore copied to a tile, whose planes are apart as its table says, and summed there.
 *
 * @param x `[channels]` planes, `xPlane` bytes apart; the next row's first input is `xRow` bytes on, the next column's `xColumn`
 * @param panels as `packPanels` writes them; for an input gradient as `packInputPanels` does
 * @param bias `[outputs]`, or 0 for none
 * @param y `[outputs][rows][columns]` lane groups without gaps
 * @param table `[channels]` byte offsets (u32) of the tile's planes
 * @param tile room for `tileColumns` lane groups of each channel
 * @param joined whether the engine joins the halves of a group: a matter of speed, never of the sums
 */
export function pointwiseSums(
  x: usize, xPlane: usize, xRow: usize, xColumn: usize, channels: i32, panels: usize, bias: usize,
  y: usize, outputs: i32, rows: i32, columns: i32, table: usize, tile: usize, tileColumns: i32, joined: bool,
): void {
  const yRow = <usize>columns * GROUP, yPlane = <usize>rows * yRow;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column += tileColumns) {
      const count = min(tileColumns, columns - column);
      fillTile(x + <usize>column * xColumn, xPlane, xColumn, channels, table, tile, count);
      sumsOfRow(tile, GROUP, table, channels, panels, 0, bias, y + <usize>column * GROUP, yPlane, outputs, count, false, joined);
    }
    x += xRow;
    y += yRow;
  }
}

// @ts-ignore: decorator
@inline
function fillTile(x: usize, xPlane: usize, xColumn: usize, channels: i32, table: usize, tile: usize, count: i32): void {
  for (let c = 0; c < channels; c++) {
    let from = x, to = tile + load<u32>(table);
    for (const end = to + <usize>count * GROUP; to < end; to += GROUP) {
      v128.store(to, v128.load(from)); v128.store(to, v128.load(from, 16), 16);
      from += xColumn;
    }
    x += xPlane;
    table += 4;
  }
}
