/** Changes of an image's frame: what a random crop, flip and cutout do to a sample's bytes. */

// @ts-ignore: decorator
@inline
function mirror(v: v128): v128 {
  return v128.shuffle<i8>(v, v, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}

// @ts-ignore: decorator
@inline
function reframe(
  mirrored: bool, from: usize, to: usize, channels: i32, height: i32, width: i32, down: i32, right: i32,
  top: i32, bottom: i32, masks: usize, holeMasks: usize, fills: usize,
): void {
  for (let c = 0; c < channels; c++) {
    const fill = i8x16.splat(load<u8>(fills + c));
    for (let r = 0; r < height; r++) {
      const source = r + down, inside = source >= 0 && source < height;
      const at = from + (source * width + right + (mirrored ? width - 16 : 0));
      const mask = r >= top && r < bottom ? holeMasks : masks;
      // A row's last store may reach into the next row, which is written after it.
      for (let x = 0; x < width; x += 16) {
        if (!inside) v128.store(to + x, fill);
        else {
          const v = mirrored ? mirror(v128.load(at - x)) : v128.load(at + x);
          v128.store(to + x, v128.bitselect(v, fill, v128.load(mask + x)));
        }
      }
      to += width;
    }
    from += height * width;
  }
}

/**
 * A sample's planes, `[channels, height, width]` bytes, seen through another frame: row r and column x of the result are row
 * r + down and column x + right of the image, whose columns count from its right where it is mirrored. What lies outside the image, and
 * rows [top, bottom) of columns [left, end) of the result, have the channel's byte of `fills`.
 *
 * Up to 15 bytes behind the result are written; up to |right| + 15 bytes before and behind the image are read.
 * @param masks room for 2 rows, each rounded up to a multiple of 16 bytes
 */
export function reframeBytes(
  from: usize, to: usize, channels: i32, height: i32, width: i32, down: i32, right: i32, mirrored: i32,
  top: i32, bottom: i32, left: i32, end: i32, masks: usize, fills: usize,
): void {
  const holeMasks = masks + ((width + 15) & ~15);
  for (let x = 0; x < width; x++) {
    const column = (mirrored ? width - 1 - x : x) + right;
    const seen = <i32>(column >= 0 && column < width) * 255;
    store<u8>(masks + x, seen);
    store<u8>(holeMasks + x, x >= left && x < end ? 0 : seen);
  }
  if (mirrored) reframe(true, from, to, channels, height, width, down, right, top, bottom, masks, holeMasks, fills);
  else reframe(false, from, to, channels, height, width, down, right, top, bottom, masks, holeMasks, fills);
}
