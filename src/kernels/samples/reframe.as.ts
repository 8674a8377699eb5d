/** An image moved by whole pixels and mirrored: what a random crop and flips do to a sample's bytes. */

/** The row or column that `i` is the reflection of, at the first or the last of `size`; less than `size` away from them. */
// @ts-ignore: decorator
@inline
function reflected(i: i32, size: i32): i32 {
  return i < 0 ? -i : i < size ? i : 2 * (size - 1) - i;
}

// @ts-ignore: decorator
@inline
function mirror(v: v128): v128 {
  return v128.shuffle<i8>(v, v, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}

// @ts-ignore: decorator
@inline
function reframe(
  mirrored: bool, from: usize, to: usize, channels: i32, height: i32, width: i32, down: i32, right: i32, inverted: i32,
  reflects: i32, mask: usize, fills: usize,
): void {
  // Columns that lie outside the image, where it is reflected.
  const outside = reflects ? min(abs(right), width) : 0, first = right > 0 == mirrored ? 0 : width - outside;
  for (let c = 0; c < channels; c++) {
    const fill = i8x16.splat(load<u8>(fills + c));
    for (let r = 0; r < height; r++) {
      let source = (inverted ? height - 1 - r : r) + down;
      if (reflects) source = reflected(source, height);
      const inside = source >= 0 && source < height;
      const at = from + (source * width + right + (mirrored ? width - 16 : 0));
      // A row's last store may reach into the next row, which is written after it.
      for (let x = 0; x < width; x += 16) {
        if (!inside) v128.store(to + x, fill);
        else {
          const v = mirrored ? mirror(v128.load(at - x)) : v128.load(at + x);
          v128.store(to + x, v128.bitselect(v, fill, v128.load(mask + x)));
        }
      }
      for (let x = first; x < first + outside; x++) {
        const column = reflected((mirrored ? width - 1 - x : x) + right, width);
        store<u8>(to + x, load<u8>(from + (source * width + column)));
      }
      to += width;
    }
    from += height * width;
  }
}

/**
 * A sample's planes, `[channels, height, width]` bytes, seen through another frame: row r and column x of the result are row
 * r + down and column x + right of the image; columns count from the right where it is mirrored, rows from below where it is inverted.
 * What lies outside the image has the channel's byte of `fills`, or, where it reflects, what the image has as far inside of its first or last
 * row or column: |down| and |right| are then below height and width.
 *
 * Up to 15 bytes behind the result are written; up to |right| + 15 bytes before and behind the image are read.
 * @param mask room for a row, rounded up to a multiple of 16 bytes
 */
export function reframeBytes(
  from: usize, to: usize, channels: i32, height: i32, width: i32, down: i32, right: i32, mirrored: i32, inverted: i32,
  reflects: i32, mask: usize, fills: usize,
): void {
  for (let x = 0; x < width; x++) {
    const column = (mirrored ? width - 1 - x : x) + right;
    store<u8>(mask + x, <i32>(column >= 0 && column < width) * 255);
  }
  if (mirrored) reframe(true, from, to, channels, height, width, down, right, inverted, reflects, mask, fills);
  else reframe(false, from, to, channels, height, width, down, right, inverted, reflects, mask, fills);
}
