/** Changes of a sample's colours, in place. */

/** Four values of each channel, times a row of the matrix. */
// @ts-ignore: decorator
@inline
function mix(r: v128, g: v128, b: v128, wr: v128, wg: v128, wb: v128): v128 {
  const sum = f32x4.add(f32x4.add(f32x4.mul(r, wr), f32x4.mul(g, wg)), f32x4.mul(b, wb));
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(sum));
}

/** Four bytes as float32. */
// @ts-ignore: decorator
@inline
function four(at: usize): v128 {
  const bytes = v128.load32_zero(at);
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes)));
}

/** Four whole numbers as bytes, those outside of [0, 255] as 0 and 255. */
// @ts-ignore: decorator
@inline
function put(at: usize, values: v128): void {
  const words = i16x8.narrow_i32x4_s(values, values);
  store<u32>(at, i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0));
}

/**
 * Three planes of `pixels` bytes through a matrix: red' = rr * red + rg * green + rb * blue, in float32 in this order, rounded to the
 * nearest byte (of two equally near ones the even one); so green' and blue'.
 * @param matrix rr, rg, rb, gr, gg, gb, br, bg, bb, 9 float32
 */
export function recolorBytes(image: usize, pixels: i32, matrix: usize): void {
  const rr = v128.load32_splat(matrix), rg = v128.load32_splat(matrix, 4), rb = v128.load32_splat(matrix, 8);
  const gr = v128.load32_splat(matrix, 12), gg = v128.load32_splat(matrix, 16), gb = v128.load32_splat(matrix, 20);
  const br = v128.load32_splat(matrix, 24), bg = v128.load32_splat(matrix, 28), bb = v128.load32_splat(matrix, 32);
  const green = image + pixels, blue = green + pixels;
  let x = 0;
  for (; x + 4 <= pixels; x += 4) {
    const r = four(image + x), g = four(green + x), b = four(blue + x);
    put(image + x, mix(r, g, b, rr, rg, rb)); put(green + x, mix(r, g, b, gr, gg, gb)); put(blue + x, mix(r, g, b, br, bg, bb));
  }
  for (; x < pixels; x++) {
    const r = f32x4.splat(<f32>load<u8>(image + x)), g = f32x4.splat(<f32>load<u8>(green + x)), b = f32x4.splat(<f32>load<u8>(blue + x));
    store<u8>(image + x, byte(mix(r, g, b, rr, rg, rb)));
    store<u8>(green + x, byte(mix(r, g, b, gr, gg, gb)));
    store<u8>(blue + x, byte(mix(r, g, b, br, bg, bb)));
  }
}

// @ts-ignore: decorator
@inline
function byte(values: v128): i32 {
  return min(255, max(0, i32x4.extract_lane(values, 0)));
}

/** Each of `count` bytes by a table of 256. */
export function mapBytes(bytes: usize, count: i32, table: usize): void {
  for (const end = bytes + count; bytes < end; bytes++) store<u8>(bytes, load<u8>(table + load<u8>(bytes)));
}

/** How often each value is among `count` bytes: 256 uint32. */
export function countBytes(bytes: usize, count: i32, counts: usize): void {
  memory.fill(counts, 0, 1024);
  for (const end = bytes + count; bytes < end; bytes++) {
    const at = counts + (<usize>load<u8>(bytes) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}
