/** A rectangle of an image, rows [top, bottom) and columns [left, right) of planes `[channels, height, width]` of bytes. */

/** The channel's byte of `fills` in all of it: cutout. */
export function fillRectangle(
  image: usize, channels: i32, height: i32, width: i32, top: i32, bottom: i32, left: i32, right: i32, fills: usize,
): void {
  for (let c = 0; c < channels; c++) {
    const fill = load<u8>(fills + c);
    for (let r = top; r < bottom; r++) memory.fill(image + (c * height + r) * width + left, fill, right - left);
  }
}

/** The same rectangle of another image of that size: CutMix. */
export function pasteRectangle(
  from: usize, to: usize, channels: i32, height: i32, width: i32, top: i32, bottom: i32, left: i32, right: i32,
): void {
  for (let c = 0; c < channels; c++) {
    for (let r = top; r < bottom; r++) {
      const row = (c * height + r) * width + left;
      memory.copy(to + row, from + row, right - left);
    }
  }
}

/** Uniform bytes, a hash of (key, place in the image): random erasing. The hash is lowbias32 (https://github.com/skeeto/hash-prospector). */
export function noiseRectangle(
  image: usize, channels: i32, height: i32, width: i32, top: i32, bottom: i32, left: i32, right: i32, key: u32,
): void {
  for (let c = 0; c < channels; c++) {
    for (let r = top; r < bottom; r++) {
      const row = (c * height + r) * width;
      for (let x = left; x < right; x++) {
        let h = key ^ <u32>(row + x) * 0x9e3779b9;
        h = (h ^ (h >>> 16)) * 0x7feb352d;
        h = (h ^ (h >>> 15)) * 0x846ca68b;
        store<u8>(image + row + x, (h ^ (h >>> 16)) >>> 24);
      }
    }
  }
}
