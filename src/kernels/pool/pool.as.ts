import { BLOCK, GROUP, rowsOfBlock } from '../shared/vector.as';

/**
 * Max- and average-pooling, windows of any size and stride, over `[channels][height][width]` lane groups.
 * The output is `[channels][rows][columns]`, rows = floor((height + 2 * top - windowHeight) / strideHeight) + 1. The first window begins
 * `top` rows above the picture and `left` columns before it, and each has a value of it. What lies outside is never a largest value, and
 * counts as 0 in an average.
 */

/** Also writes `argmaxes`, each output's argmax index within its window, as int32 lanes; of equal values the first wins, as in PyTorch. */
export function maxPoolForward(
  x: usize, y: usize, argmaxes: usize, channels: i32, height: i32, width: i32,
  windowHeight: i32, windowWidth: i32, strideHeight: i32, strideWidth: i32, rows: i32, columns: i32,
  top: i32, left: i32,
): void {
  const line = <usize>width * GROUP;
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < rows; row++) {
      const iBegin = max(0, top - row * strideHeight), iEnd = min(windowHeight, height + top - row * strideHeight);
      for (let column = 0; column < columns; column++) {
        const jBegin = max(0, left - column * strideWidth), jEnd = min(windowWidth, width + left - column * strideWidth);
        let at = x + <usize>((row * strideHeight + iBegin - top) * width + column * strideWidth - left << 5);
        const start = at + <usize>jBegin * GROUP;
        let lo = v128.load(start), hi = v128.load(start, 16), ilo = i32x4.splat(iBegin * windowWidth + jBegin), ihi = ilo;
        for (let i = iBegin; i < iEnd; i++) {
          for (let j = jBegin; j < jEnd; j++) {
            const vlo = v128.load(at + <usize>j * GROUP), vhi = v128.load(at + <usize>j * GROUP, 16);
            // NaN wins, and stays: a diverged run must show.
            const glo = v128.or(f32x4.gt(vlo, lo), f32x4.ne(vlo, vlo)), ghi = v128.or(f32x4.gt(vhi, hi), f32x4.ne(vhi, vhi));
            const n = i32x4.splat(i * windowWidth + j);
            lo = v128.bitselect(vlo, lo, glo); hi = v128.bitselect(vhi, hi, ghi);
            ilo = v128.bitselect(n, ilo, glo); ihi = v128.bitselect(n, ihi, ghi);
          }
          at += line;
        }
        v128.store(y, lo); v128.store(y, hi, 16);
        v128.store(argmaxes, ilo); v128.store(argmaxes, ihi, 16);
        y += GROUP;
        argmaxes += GROUP;
      }
    }
    x += <usize>height * line;
  }
}

export function maxPoolBackward(
  dy: usize, argmaxes: usize, dx: usize, channels: i32, height: i32, width: i32,
  windowHeight: i32, windowWidth: i32, strideHeight: i32, strideWidth: i32, rows: i32, columns: i32,
  top: i32, left: i32,
): void {
  const line = <usize>width * GROUP;
  memory.fill(dx, 0, <usize>(channels * height) * line);
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < rows; row++) {
      const iBegin = max(0, top - row * strideHeight), iEnd = min(windowHeight, height + top - row * strideHeight);
      for (let column = 0; column < columns; column++) {
        const jBegin = max(0, left - column * strideWidth), jEnd = min(windowWidth, width + left - column * strideWidth);
        let at = dx + <usize>((row * strideHeight + iBegin - top) * width + column * strideWidth - left << 5);
        const lo = v128.load(dy), hi = v128.load(dy, 16), ilo = v128.load(argmaxes), ihi = v128.load(argmaxes, 16);
        for (let i = iBegin; i < iEnd; i++) {
          for (let j = jBegin; j < jEnd; j++) {
            const to = at + <usize>j * GROUP, n = i32x4.splat(i * windowWidth + j);
            v128.store(to, f32x4.add(v128.load(to), v128.and(lo, i32x4.eq(ilo, n))));
            v128.store(to, f32x4.add(v128.load(to, 16), v128.and(hi, i32x4.eq(ihi, n))), 16);
          }
          at += line;
        }
        dy += GROUP;
        argmaxes += GROUP;
      }
    }
    dx += <usize>height * line;
  }
}

/** Store a window's average at `y`; its sum goes row after row, in blocks. */
// @ts-ignore: decorator
@inline
function putAverage(at: usize, line: usize, rows: i32, columns: i32, y: usize, size: v128): void {
  const blockRows = rowsOfBlock(columns);
  let lo = f32x4.splat(0), hi = lo;
  for (let i = 0; i < rows; i += blockRows) {
    for (let j = 0; j < columns; j += BLOCK) {
      const count = <usize>min(columns - j, BLOCK) * GROUP;
      let a = f32x4.splat(0), b = a, from = at + <usize>j * GROUP;
      for (let k = min(rows - i, blockRows); k > 0; k--) {
        for (let p = from, end = from + count; p < end; p += GROUP) {
          a = f32x4.add(a, v128.load(p));
          b = f32x4.add(b, v128.load(p, 16));
        }
        from += line;
      }
      lo = f32x4.add(lo, a);
      hi = f32x4.add(hi, b);
    }
    at += line * <usize>blockRows;
  }
  v128.store(y, f32x4.div(lo, size)); v128.store(y, f32x4.div(hi, size), 16);
}

/** Averages; a window's sum goes row after row, in blocks. */
export function averagePoolForward(
  x: usize, y: usize, channels: i32, height: i32, width: i32,
  windowHeight: i32, windowWidth: i32, strideHeight: i32, strideWidth: i32, rows: i32, columns: i32,
  top: i32, left: i32,
): void {
  const line = <usize>width * GROUP, size = f32x4.splat(<f32>(windowHeight * windowWidth));
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < rows; row++) {
      const iBegin = max(0, top - row * strideHeight), iEnd = min(windowHeight, height + top - row * strideHeight);
      for (let column = 0; column < columns; column++) {
        const jBegin = max(0, left - column * strideWidth), jEnd = min(windowWidth, width + left - column * strideWidth);
        const at = x + <usize>((row * strideHeight + iBegin - top) * width + column * strideWidth + jBegin - left << 5);
        putAverage(at, line, iEnd - iBegin, jEnd - jBegin, y, size);
        y += GROUP;
      }
    }
    x += <usize>height * line;
  }
}

export function averagePoolBackward(
  dy: usize, dx: usize, channels: i32, height: i32, width: i32,
  windowHeight: i32, windowWidth: i32, strideHeight: i32, strideWidth: i32, rows: i32, columns: i32,
  top: i32, left: i32,
): void {
  const line = <usize>width * GROUP, size = f32x4.splat(<f32>(windowHeight * windowWidth));
  memory.fill(dx, 0, <usize>(channels * height) * line);
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < rows; row++) {
      const iBegin = max(0, top - row * strideHeight), iEnd = min(windowHeight, height + top - row * strideHeight);
      for (let column = 0; column < columns; column++) {
        const jBegin = max(0, left - column * strideWidth), jEnd = min(windowWidth, width + left - column * strideWidth);
        let at = dx + <usize>((row * strideHeight + iBegin - top) * width + column * strideWidth - left << 5);
        const lo = f32x4.div(v128.load(dy), size), hi = f32x4.div(v128.load(dy, 16), size);
        for (let i = iBegin; i < iEnd; i++) {
          for (let j = jBegin; j < jEnd; j++) {
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
