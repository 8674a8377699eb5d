import { GROUP } from '../shared/vector.as';

/**
 * The highest of a window, and, if wanted, the lowest, with their places (argmax and argmin indices), for half a group. NaN wins, for a
 * diverged run must show; all bits of a lane are set where one was met.
 */
// @ts-ignore: decorator
@inline
function windowOf(
  low: bool, placed: bool, at: usize, line: usize, windowRows: i32, windowColumns: i32, place: v128, placeRow: i32, placeColumn: i32,
  high: usize, highAt: usize, lowest: usize, lowestAt: usize,
): void {
  let v = v128.load(at), h = v, l = v, hp = place, lp = place, bad = f32x4.ne(v, v);
  let row = at, rowPlace = place;
  for (let i = 0; i < windowRows; i++) {
    let p = row, here = rowPlace;
    for (let j = 0; j < windowColumns; j++) {
      if (i + j > 0) {
        v = v128.load(p);
        bad = v128.or(bad, f32x4.ne(v, v));
        if (placed) hp = v128.bitselect(here, hp, f32x4.gt(v, h));
        h = f32x4.pmax(h, v);
        if (low) {
          if (placed) lp = v128.bitselect(here, lp, f32x4.lt(v, l));
          l = f32x4.pmin(l, v);
        }
      }
      p += GROUP;
      if (placed) here = i32x4.add(here, i32x4.splat(placeColumn));
    }
    row += line;
    if (placed) rowPlace = i32x4.add(rowPlace, i32x4.splat(placeRow));
  }
  v128.store(high, v128.or(h, bad));
  if (placed) v128.store(highAt, hp);
  if (low) {
    v128.store(lowest, v128.or(l, bad));
    if (placed) v128.store(lowestAt, lp);
  }
}

// @ts-ignore: decorator
@inline
function extremes(
  lowToo: bool, placed: bool, x: usize, high: usize, highAt: usize, low: usize, lowAt: usize, channels: i32, height: i32, width: i32,
  windowHeight: i32, windowWidth: i32, strideHeight: i32, strideWidth: i32, rows: i32, columns: i32,
  top: i32, left: i32, placeRow: i32, placeColumn: i32, placeLane: i32,
): void {
  const line = <usize>width * GROUP;
  const lanes = i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(placeLane)), upper = i32x4.add(lanes, i32x4.splat(placeLane * 4));
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < rows; row++) {
      const r = row * strideHeight - top, firstRow = max(r, 0), windowRows = min(r + windowHeight, height) - firstRow;
      for (let column = 0; column < columns; column++) {
        const k = column * strideWidth - left, first = max(k, 0), windowColumns = min(k + windowWidth, width) - first;
        const at = x + <usize>firstRow * line + <usize>first * GROUP, place = i32x4.splat(firstRow * placeRow + first * placeColumn);
        const plo = i32x4.add(place, lanes), phi = i32x4.add(place, upper);
        if (windowRows == 2 && windowColumns == 2) {
          windowOf(lowToo, placed, at, line, 2, 2, plo, placeRow, placeColumn, high, highAt, low, lowAt);
          windowOf(lowToo, placed, at + 16, line, 2, 2, phi, placeRow, placeColumn, high + 16, highAt + 16, low + 16, lowAt + 16);
        } else {
          windowOf(lowToo, placed, at, line, windowRows, windowColumns, plo, placeRow, placeColumn, high, highAt, low, lowAt);
          windowOf(lowToo, placed, at + 16, line, windowRows, windowColumns, phi, placeRow, placeColumn, high + 16, highAt + 16, low + 16, lowAt + 16);
        }
        high += GROUP;
        if (placed) highAt += GROUP;
        if (lowToo) {
          low += GROUP;
          if (placed) lowAt += GROUP;
        }
      }
    }
    x += <usize>height * line;
  }
}

/**
 * Max-pooling before an activation that has no peak of its own: then the highest output of a window is that of its highest input, or,
 * if the activation falls before it rises, of its lowest.
 *
 * @param x `[channels][height][width]` lane groups; windows go over it with a border around it, whose first row and column are at
 *   (-top, -left): what of a window lies on the border does not count here, but some of it must lie inside
 * @param high, low `[channels][rows][columns]` lane groups; of equal values the first counts. low 0: not wanted
 * @param highAt, lowAt the same, u32: lane * placeLane + row * placeRow + column * placeColumn. highAt 0: not wanted
 */
export function windowExtremes(
  x: usize, high: usize, highAt: usize, low: usize, lowAt: usize, channels: i32, height: i32, width: i32,
  windowHeight: i32, windowWidth: i32, strideHeight: i32, strideWidth: i32, rows: i32, columns: i32,
  top: i32, left: i32, placeRow: i32, placeColumn: i32, placeLane: i32,
): void {
  if (highAt != 0) {
    if (low != 0) extremes(true, true, x, high, highAt, low, lowAt, channels, height, width, windowHeight, windowWidth, strideHeight, strideWidth, rows, columns, top, left, placeRow, placeColumn, placeLane);
    else extremes(false, true, x, high, highAt, low, lowAt, channels, height, width, windowHeight, windowWidth, strideHeight, strideWidth, rows, columns, top, left, placeRow, placeColumn, placeLane);
  } else if (low != 0) extremes(true, false, x, high, highAt, low, lowAt, channels, height, width, windowHeight, windowWidth, strideHeight, strideWidth, rows, columns, top, left, placeRow, placeColumn, placeLane);
  else extremes(false, false, x, high, highAt, low, lowAt, channels, height, width, windowHeight, windowWidth, strideHeight, strideWidth, rows, columns, top, left, placeRow, placeColumn, placeLane);
}

/**
 * The gradient of `windowExtremes`' x: each of dz at its argmax, as `highAt` has it, and 0 elsewhere; where windows overlap, they are added in order.
 *
 * @param dx `[channels][height][width]` lane groups
 */
export function spreadToArgmaxes(
  dz: usize, argmaxes: usize, dx: usize, channels: i32, height: i32, width: i32,
  windowHeight: i32, windowWidth: i32, strideHeight: i32, strideWidth: i32, rows: i32, columns: i32,
  top: i32, left: i32, placeRow: i32, placeColumn: i32, placeLane: i32,
): void {
  const line = <usize>width * GROUP;
  const lanes = i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(placeLane)), upper = i32x4.add(lanes, i32x4.splat(placeLane * 4));
  memory.fill(dx, 0, <usize>(channels * height) * line);
  for (let c = 0; c < channels; c++, dx += <usize>height * line) {
    for (let row = 0; row < rows; row++) {
      const firstRow = max(row * strideHeight - top, 0), lastRow = min(row * strideHeight - top + windowHeight, height);
      for (let column = 0; column < columns; column++, dz += GROUP, argmaxes += GROUP) {
        const first = max(column * strideWidth - left, 0), last = min(column * strideWidth - left + windowWidth, width);
        const d = v128.load(dz), e = v128.load(dz, 16);
        const at = i32x4.sub(v128.load(argmaxes), lanes), bt = i32x4.sub(v128.load(argmaxes, 16), upper);
        for (let r = firstRow; r < lastRow; r++) {
          let to = dx + <usize>r * line + <usize>first * GROUP;
          for (let k = first; k < last; k++, to += GROUP) {
            const place = i32x4.splat(r * placeRow + k * placeColumn);
            v128.store(to, f32x4.add(v128.load(to), v128.and(d, i32x4.eq(at, place))));
            v128.store(to, f32x4.add(v128.load(to, 16), v128.and(e, i32x4.eq(bt, place))), 16);
          }
        }
      }
    }
  }
}

/**
 * For the windows that lie on a border of zeros in part: y = max(y, 0), and where a zero of the border wins, nothing has a slope. Where y
 * is exactly 0 the border does not win, wherever it lies; PyTorch gives such a tie to whichever comes first in the window.
 */
export function meetBorder(
  y: usize, slope: usize, channels: i32, height: i32, width: i32, windowHeight: i32, windowWidth: i32,
  strideHeight: i32, strideWidth: i32, rows: i32, columns: i32, top: i32, left: i32,
): void {
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < rows; row++) {
      const r = row * strideHeight - top, cutRow = r < 0 || r + windowHeight > height;
      for (let column = 0; column < columns; column++) {
        const k = column * strideWidth - left;
        if (cutRow || k < 0 || k + windowWidth > width) {
          for (let half: usize = 0; half < 32; half += 16) {
            const v = v128.load(y + half), below = f32x4.lt(v, f32x4.splat(0));
            v128.store(y + half, v128.andnot(v, below));
            if (slope) v128.store(slope + half, v128.andnot(v128.load(slope + half), below));
          }
        }
        y += GROUP;
        if (slope) slope += GROUP;
      }
    }
  }
}
