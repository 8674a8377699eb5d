/** An image moved by whole pixels and mirrored: what a random crop and flips do to a sample's bytes. */

// @ts-ignore: decorator
@inline
function mirror(v: v128): v128 {
  return v128.shuffle<i8>(v, v, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}

// @ts-ignore: decorator
@inline
function reframe(
  mirrored: bool, from: usize, to: usize, channels: i32, height: i32, width: i32, down: i32, right: i32, inverted: i32,
  mask: usize, fills: usize,
): void {
  for (let c = 0; c < channels; c++) {
    const fill = i8x16.splat(load<u8>(fills + c));
    for (let r = 0; r < height; r++) {
      const source = (inverted ? height - 1 - r : r) + down, inside = source >= 0 && source < height;
      const at = from + (source * width + right + (mirrored ? width - 16 : 0));
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
 * r + down and column x + right of the image; columns count from the right where it is mirrored, rows from below where it is inverted.
 * What lies outside the image has the channel's byte of `fills`.
 *
 * Up to 15 bytes behind the result are written; up to |right| + 15 bytes before and behind the image are read.
 * @param mask room for a row, rounded up to a multiple of 16 bytes
 */
export function reframeBytes(
  from: usize, to: usize, channels: i32, height: i32, width: i32, down: i32, right: i32, mirrored: i32, inverted: i32,
  mask: usize, fills: usize,
): void {
  for (let x = 0; x < width; x++) {
    const column = (mirrored ? width - 1 - x : x) + right;
    store<u8>(mask + x, <i32>(column >= 0 && column < width) * 255);
  }
  if (mirrored) reframe(true, from, to, channels, height, width, down, right, inverted, mask, fills);
  else reframe(false, from, to, channels, height, width, down, right, inverted, mask, fills);
}
