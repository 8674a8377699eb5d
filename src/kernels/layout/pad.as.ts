import { GROUP } from '../shared/vector.as';

/**
 * Between a picture and its place in a larger one: zero-padding, and its gradient. `inner` is `[channels][rows][columns]` lane groups;
 * (row, column) lies in `outer`, `[channels][height][width]`, at (top + row, left + column).
 */

/** inner to outer; the rest of outer becomes 0. */
export function embed(
  inner: usize, outer: usize, channels: i32, rows: i32, columns: i32, height: i32, width: i32, top: i32, left: i32,
): void {
  const line = <usize>columns * GROUP;
  memory.fill(outer, 0, <usize>(channels * height * width) * GROUP);
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < rows; row++) {
      memory.copy(outer + <usize>((c * height + top + row) * width + left) * GROUP, inner, line);
      inner += line;
    }
  }
}

/** inner to outer, its rows `rowStep` and its columns `columnStep` apart from the first, at (top, left); the rest of outer becomes 0. */
export function embedApart(
  inner: usize, outer: usize, channels: i32, rows: i32, columns: i32, height: i32, width: i32, top: i32, left: i32,
  rowStep: i32, columnStep: i32,
): void {
  memory.fill(outer, 0, <usize>(channels * height * width) * GROUP);
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < rows; row++) {
      let to = outer + <usize>((c * height + top + row * rowStep) * width + left) * GROUP;
      for (let column = 0; column < columns; column++, inner += GROUP, to += <usize>columnStep * GROUP) {
        v128.store(to, v128.load(inner)); v128.store(to, v128.load(inner, 16), 16);
      }
    }
  }
}

/** outer to inner: the gradient of zero-padding. */
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

/** Copy `planes` planes of `groups` lane groups each to planes that begin `apart` groups apart. */
export function spreadPlanes(from: usize, to: usize, planes: i32, groups: i32, apart: i32): void {
  for (let p = 0; p < planes; p++) {
    memory.copy(to, from, <usize>groups * GROUP);
    from += <usize>groups * GROUP;
    to += <usize>apart * GROUP;
  }
}
