/** An image seen through an affine map: rotated, sheared, enlarged, moved by parts of a pixel. */

/** A coordinate in pixels with 32 binary digits behind the point. */
// @ts-ignore: decorator
@inline
function fixed(x: f64): i64 {
  return <i64>nearest<f64>(x * 4294967296.0);
}

/**
 * The pixel about (x, y) of the result is the image's value at
 *   (xx * x + xy * y + x0, yx * x + yy * y + y0),
 * where pixel i reaches from i to i + 1: bilinear among the pixels of rows [top, bottom) and columns [left, right), whose edges go on
 * for half a pixel. Where the point is outside of these, it is the channel's byte of `fills`. As Pillow's `Image.transform` has it.
 *
 * The arithmetic is of integers: positions in 2^-32 pixels, weights in 1/2048, one rounding to the nearest byte.
 */
export function warpBytes(
  from: usize, to: usize, channels: i32, height: i32, width: i32,
  xx: f64, xy: f64, x0: f64, yx: f64, yy: f64, y0: f64,
  top: i32, bottom: i32, left: i32, right: i32, fills: usize,
): void {
  const plane = <usize>(height * width), half: i64 = 0x80000000;
  const du = fixed(xx), dv = fixed(yx);
  const firstU = <i64>left << 32, firstV = <i64>top << 32, spanU = <u64>(right - left) << 32, spanV = <u64>(bottom - top) << 32;
  for (let y = 0; y < height; y++) {
    let u = fixed(xx * 0.5 + xy * (<f64>y + 0.5) + x0), v = fixed(yx * 0.5 + yy * (<f64>y + 0.5) + y0);
    for (let x = 0; x < width; x++) {
      if (<u64>(u - firstU) < spanU && <u64>(v - firstV) < spanV) {
        const p = u - half, q = v - half, column = <i32>(p >> 32), row = <i32>(q >> 32);
        const fx = <i32>(p >> 21) & 2047, fy = <i32>(q >> 21) & 2047;
        const upper = from + max(row, top) * width, lower = from + min(row + 1, bottom - 1) * width;
        const a = max(column, left), b = min(column + 1, right - 1);
        let p00 = upper + a, p01 = upper + b, p10 = lower + a, p11 = lower + b, at = to;
        for (let c = 0; c < channels; c++) {
          const above = <i32>load<u8>(p00) * (2048 - fx) + <i32>load<u8>(p01) * fx;
          const below = <i32>load<u8>(p10) * (2048 - fx) + <i32>load<u8>(p11) * fx;
          store<u8>(at, (above * (2048 - fy) + below * fy + (1 << 21)) >> 22);
          p00 += plane; p01 += plane; p10 += plane; p11 += plane; at += plane;
        }
      } else {
        let at = to;
        for (let c = 0; c < channels; c++, at += plane) store<u8>(at, load<u8>(fills + c));
      }
      u += du; v += dv; to++;
    }
  }
}
