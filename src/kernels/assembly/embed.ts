import { GROUP } from './vector';

/**
 * Between a picture and its place in a larger one: zero-padding, its gradient, and the spread gradient of a convolution.
 * `inner` is `[channels][rows][columns]` lane groups; (row, column) lies in `outer`, `[channels][height][width]`, at
 * (top + row * rowStep, left + column * columnStep).
 */

/** inner to outer; the rest of outer becomes 0. */
export function embed(
  inner: usize, outer: usize, channels: i32, rows: i32, columns: i32, height: i32, width: i32,
  top: i32, left: i32, rowStep: i32, columnStep: i32,
): void {
  memory.fill(outer, 0, <usize>(channels * height * width) * GROUP);
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < rows; row++) {
      let to = outer + <usize>((c * height + top + row * rowStep) * width + left) * GROUP;
      for (let column = 0; column < columns; column++) {
        v128.store(to, v128.load(inner)); v128.store(to, v128.load(inner, 16), 16);
        inner += GROUP;
        to += <usize>columnStep * GROUP;
      }
    }
  }
}

/** outer to inner, steps of 1: the gradient of zero-padding. */
export function crop(
  outer: usize, inner: usize, channels: i32, rows: i32, columns: i32, height: i32, width: i32, top: i32, left: i32,
): void {
  const line = <usize>columns * GROUP;
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < rows; row++) {
      memory.copy(inner, outer + <usize>((c * height + top + row) * width + left) * GROUP, line);
      inner += line;
    }
  }
}
