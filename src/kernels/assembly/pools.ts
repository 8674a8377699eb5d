import { GROUP } from './vector';

/**
 * Max- and average-pooling, windows of any size and stride, over `[channels][height][width]` lane groups.
 * The output is `[channels][rows][columns]`, rows = floor((height - windowHeight) / strideHeight) + 1.
 */

/** Also writes each output's winner, the window's index, as int32 lanes; of equal values the first wins, as in PyTorch. */
export function maxPoolForward(
  x: usize, y: usize, winners: usize, channels: i32, height: i32, width: i32,
  windowHeight: i32, windowWidth: i32, strideHeight: i32, strideWidth: i32, rows: i32, columns: i32,
): void {
  const line = <usize>width * GROUP;
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let at = x + <usize>(row * strideHeight) * line + <usize>(column * strideWidth) * GROUP;
        let lo = v128.load(at), hi = v128.load(at, 16), wlo = i32x4.splat(0), whi = wlo, index = 0;
        for (let i = 0; i < windowHeight; i++) {
          for (let j = 0; j < windowWidth; j++) {
            const vlo = v128.load(at + <usize>j * GROUP), vhi = v128.load(at + <usize>j * GROUP, 16);
            // NaN wins, and stays: a diverged run must show.
            const glo = v128.or(f32x4.gt(vlo, lo), f32x4.ne(vlo, vlo)), ghi = v128.or(f32x4.gt(vhi, hi), f32x4.ne(vhi, vhi));
            const n = i32x4.splat(index);
            lo = v128.bitselect(vlo, lo, glo); hi = v128.bitselect(vhi, hi, ghi);
            wlo = v128.bitselect(n, wlo, glo); whi = v128.bitselect(n, whi, ghi);
            index++;
          }
          at += line;
        }
        v128.store(y, lo); v128.store(y, hi, 16);
        v128.store(winners, wlo); v128.store(winners, whi, 16);
        y += GROUP;
        winners += GROUP;
      }
    }
    x += <usize>height * line;
  }
}

export function maxPoolBackward(
  dy: usize, winners: usize, dx: usize, channels: i32, height: i32, width: i32,
  windowHeight: i32, windowWidth: i32, strideHeight: i32, strideWidth: i32, rows: i32, columns: i32,
): void {
  const line = <usize>width * GROUP;
  memory.fill(dx, 0, <usize>(channels * height) * line);
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let at = dx + <usize>(row * strideHeight) * line + <usize>(column * strideWidth) * GROUP;
        const lo = v128.load(dy), hi = v128.load(dy, 16), wlo = v128.load(winners), whi = v128.load(winners, 16);
        let index = 0;
        for (let i = 0; i < windowHeight; i++) {
          for (let j = 0; j < windowWidth; j++) {
            const to = at + <usize>j * GROUP, n = i32x4.splat(index);
            v128.store(to, f32x4.add(v128.load(to), v128.and(lo, i32x4.eq(wlo, n))));
            v128.store(to, f32x4.add(v128.load(to, 16), v128.and(hi, i32x4.eq(whi, n))), 16);
            index++;
          }
          at += line;
        }
        dy += GROUP;
        winners += GROUP;
      }
    }
    dx += <usize>height * line;
  }
}

export function averagePoolForward(
  x: usize, y: usize, channels: i32, height: i32, width: i32,
  windowHeight: i32, windowWidth: i32, strideHeight: i32, strideWidth: i32, rows: i32, columns: i32,
): void {
  const line = <usize>width * GROUP, size = f32x4.splat(<f32>(windowHeight * windowWidth));
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let at = x + <usize>(row * strideHeight) * line + <usize>(column * strideWidth) * GROUP;
        let lo = f32x4.splat(0), hi = lo;
        for (let i = 0; i < windowHeight; i++) {
          for (let j = 0; j < windowWidth; j++) {
            lo = f32x4.add(lo, v128.load(at + <usize>j * GROUP));
            hi = f32x4.add(hi, v128.load(at + <usize>j * GROUP, 16));
          }
          at += line;
        }
        v128.store(y, f32x4.div(lo, size)); v128.store(y, f32x4.div(hi, size), 16);
        y += GROUP;
      }
    }
    x += <usize>height * line;
  }
}

export function averagePoolBackward(
  dy: usize, dx: usize, channels: i32, height: i32, width: i32,
  windowHeight: i32, windowWidth: i32, strideHeight: i32, strideWidth: i32, rows: i32, columns: i32,
): void {
  const line = <usize>width * GROUP, size = f32x4.splat(<f32>(windowHeight * windowWidth));
  memory.fill(dx, 0, <usize>(channels * height) * line);
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let at = dx + <usize>(row * strideHeight) * line + <usize>(column * strideWidth) * GROUP;
        const lo = f32x4.div(v128.load(dy), size), hi = f32x4.div(v128.load(dy, 16), size);
        for (let i = 0; i < windowHeight; i++) {
          for (let j = 0; j < windowWidth; j++) {
            const to = at + <usize>j * GROUP;
            v128.store(to, f32x4.add(v128.load(to), lo));
            v128.store(to, f32x4.add(v128.load(to, 16), hi), 16);
          }
          at += line;
        }
        dy += GROUP;
      }
    }
    dx += <usize>height * line;
  }
}

/**
 * The highest of a window, and, if wanted, the lowest, with their places, for half a group. NaN wins, for a diverged run must show; all
 * bits of a lane are set where one was met.
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
