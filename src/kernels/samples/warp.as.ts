/** An image seen through an affine map: rotated, sheared, enlarged, moved by parts of a pixel. */

/** A coordinate in pixels with 32 binary digits behind the point. */
// @ts-ignore: decorator
@inline
function fixed(x: f64): i64 {
  return <i64>nearest<f64>(x * 4294967296.0);
}

/** Weights of two neighbours, in 1/2048. */
// @ts-ignore: decorator
@inline
function weights(second: i32): i32 {
  return (2048 - second) | (second << 16);
}

/** Four pixels of a channel: of each, the two neighbours in the row above and the two below it, then these. */
// @ts-ignore: decorator
@inline
function four(plane: usize, upper: usize, lower: usize, across: usize, down: usize): v128 {
  let p = v128.load_lane<u16>(plane + load<u32>(upper), i64x2.splat(0), 0);
  p = v128.load_lane<u16>(plane + load<u32>(upper, 4), p, 1);
  p = v128.load_lane<u16>(plane + load<u32>(upper, 8), p, 2);
  p = v128.load_lane<u16>(plane + load<u32>(upper, 12), p, 3);
  p = v128.load_lane<u16>(plane + load<u32>(lower), p, 4);
  p = v128.load_lane<u16>(plane + load<u32>(lower, 4), p, 5);
  p = v128.load_lane<u16>(plane + load<u32>(lower, 8), p, 6);
  p = v128.load_lane<u16>(plane + load<u32>(lower, 12), p, 7);
  const x = v128.load(across), y = v128.load(down);
  const above = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(p), x), below = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(p), x);
  const sum = i32x4.add(i32x4.mul(above, i32x4.sub(i32x4.splat(2048), y)), i32x4.mul(below, y));
  return i32x4.shr_u(i32x4.add(sum, i32x4.splat(1 << 21)), 22);
}

/**
 * The pixel about (x, y) of the result is the image's value at
 *   (xx * x + xy * y + x0, yx * x + yy * y + y0),
 * where pixel i reaches from i to i + 1: bilinear among the pixels of rows [top, bottom) and columns [left, right), whose edges go on
 * for half a pixel. Where the point is outside of these, it is the channel's byte of `fills`. As Pillow's `Image.transform` has it.
 *
 * The arithmetic is of integers: positions in 2^-32 pixels, weights in 1/2048, one rounding to the nearest byte.
 * A byte behind the image may be read.
 * @param map xx, xy, x0, yx, yy, y0, 6 float64
 * @param scratch room for 5 rows of uint32, each rounded up to a multiple of 4
 */
export function warpBytes(
  from: usize, to: usize, channels: i32, height: i32, width: i32,
  map: usize, top: i32, bottom: i32, left: i32, right: i32, scratch: usize, fills: usize,
): void {
  const xx = load<f64>(map), xy = load<f64>(map, 8), x0 = load<f64>(map, 16);
  const yx = load<f64>(map, 24), yy = load<f64>(map, 32), y0 = load<f64>(map, 40);
  const plane = <usize>(height * width), half: i64 = 0x80000000;
  const du = fixed(xx), dv = fixed(yx);
  const firstU = <i64>left << 32, firstV = <i64>top << 32, spanU = <u64>(right - left) << 32, spanV = <u64>(bottom - top) << 32;
  // Of a row's pixels: the places of their upper and lower neighbours, weights, and whether they are seen.
  const bytes = <usize>((width + 3) & ~3) << 2;
  const upper = scratch, lower = upper + bytes, across = lower + bytes, down = across + bytes, seen = down + bytes;
  memory.fill(scratch, 0, 5 * bytes);
  for (let y = 0; y < height; y++) {
    let u = fixed(xx * 0.5 + xy * (<f64>y + 0.5) + x0), v = fixed(yx * 0.5 + yy * (<f64>y + 0.5) + y0);
    for (let x: usize = 0; x < <usize>width << 2; x += 4) {
      const inside = <u64>(u - firstU) < spanU && <u64>(v - firstV) < spanV;
      store<i32>(seen + x, -<i32>inside);
      if (inside) {
        const p = u - half, q = v - half;
        let column = <i32>(p >> 32), row = <i32>(q >> 32), fx = <i32>(p >> 21) & 2047, fy = <i32>(q >> 21) & 2047, next = width;
        if (column < left) { column = left; fx = 0; } else if (column >= right - 1) fx = 0;
        if (row < top) { row = top; fy = 0; next = 0; } else if (row >= bottom - 1) { fy = 0; next = 0; }
        const place = row * width + column;
        store<i32>(upper + x, place); store<i32>(lower + x, place + next);
        store<i32>(across + x, weights(fx)); store<i32>(down + x, fy);
      }
      u += du; v += dv;
    }
    let source = from, at = to;
    for (let c = 0; c < channels; c++, source += plane, at += plane) {
      const fill = i32x4.splat(load<u8>(fills + c));
      for (let x = 0; x < width; x += 4) {
        const i = <usize>x << 2;
        const values = v128.bitselect(four(source, upper + i, lower + i, across + i, down + i), fill, v128.load(seen + i));
        const words = i16x8.narrow_i32x4_s(values, values), four4 = i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0);
        if (x + 4 <= width) store<u32>(at + x, four4);
        else for (let k = 0; k < width - x; k++) store<u8>(at + x + k, four4 >>> (8 * k));
      }
    }
    to += width;
  }
}
