/** From stored samples, one after the other, to lane groups. */

// @ts-ignore: decorator
@inline
function gatherFloat(samples: usize, lane: usize, offset: usize, to: usize): void {
  store<f32>(to + lane * 4, load<f32>(<usize>load<u32>(samples + lane * 4) + offset));
}

/** Eight samples of `count` floats each to lane groups; `samples` holds their 8 addresses (u32). */
export function gatherFloats(samples: usize, count: i32, groups: usize): void {
  for (let i = 0; i < count; i++) {
    const offset = <usize>i << 2;
    for (let lane: usize = 0; lane < 8; lane++) gatherFloat(samples, lane, offset, groups);
    groups += 32;
  }
}

/** Four samples of one pixel: `byte * scale + shift`, or with jitter as `gatherJittered` says. */
// @ts-ignore: decorator
@inline
function putFour(bytes: v128, scale: v128, shift: v128, jitter: usize, accumulate: bool, to: usize): void {
  let x = f32x4.convert_i32x4_s(bytes);
  if (jitter) {
    x = f32x4.add(f32x4.mul(x, v128.load(jitter)), v128.load(jitter, 32));
    x = f32x4.pmin(f32x4.splat(255), f32x4.pmax(f32x4.splat(0), x));
  }
  x = f32x4.add(f32x4.mul(x, scale), shift);
  if (jitter) x = f32x4.mul(x, v128.load(jitter, 64));
  v128.store(to, accumulate ? f32x4.add(v128.load(to), x) : x);
}

/** Eight samples of one pixel, in the low half of `bytes`. */
// @ts-ignore: decorator
@inline
function putPixel(bytes: v128, scale: v128, shift: v128, jitter: usize, accumulate: bool, to: usize): void {
  const words = i16x8.extend_low_i8x16_u(bytes);
  putFour(i32x4.extend_low_i16x8_u(words), scale, shift, jitter, accumulate, to);
  putFour(i32x4.extend_high_i16x8_u(words), scale, shift, jitter ? jitter + 16 : 0, accumulate, to + 16);
}

// @ts-ignore: decorator
@inline
function high(bytes: v128): v128 {
  return v128.shuffle<i64>(bytes, bytes, 1, 0);
}

// @ts-ignore: decorator
@inline
function interleave(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: decorator
@inline
function row(samples: usize, lane: usize, offset: usize): v128 {
  return v128.load64_zero(<usize>load<u32>(samples + lane * 4) + offset);
}

// @ts-ignore: decorator
@inline
function gather(samples: usize, offset: usize, count: i32, scale: f32, shift: f32, jitter: usize, accumulate: bool, groups: usize): void {
  const s = f32x4.splat(scale), t = f32x4.splat(shift);
  for (let left = count; left > 0; left -= 8) {
    // Three rounds of interleaving (0, 4), (2, 6), ... bring the 8 samples of a pixel together, in order.
    const a0 = interleave(row(samples, 0, offset), row(samples, 4, offset)), a2 = interleave(row(samples, 2, offset), row(samples, 6, offset));
    const a1 = interleave(row(samples, 1, offset), row(samples, 5, offset)), a3 = interleave(row(samples, 3, offset), row(samples, 7, offset));
    const e0 = interleave(a0, a2), e1 = interleave(high(a0), high(a2)), o0 = interleave(a1, a3), o1 = interleave(high(a1), high(a3));
    const p01 = interleave(e0, o0), p23 = interleave(high(e0), high(o0)), p45 = interleave(e1, o1), p67 = interleave(high(e1), high(o1));
    putPixel(p01, s, t, jitter, accumulate, groups);
    if (left > 1) putPixel(high(p01), s, t, jitter, accumulate, groups + 32);
    if (left > 2) putPixel(p23, s, t, jitter, accumulate, groups + 64);
    if (left > 3) putPixel(high(p23), s, t, jitter, accumulate, groups + 96);
    if (left > 4) putPixel(p45, s, t, jitter, accumulate, groups + 128);
    if (left > 5) putPixel(high(p45), s, t, jitter, accumulate, groups + 160);
    if (left > 6) putPixel(p67, s, t, jitter, accumulate, groups + 192);
    if (left > 7) putPixel(high(p67), s, t, jitter, accumulate, groups + 224);
    groups += 256;
    offset += 8;
  }
}

/**
 * Eight samples' bytes to lane groups: byte * scale + shift, for `count` bytes from `offset` on.
 * `samples` holds the 8 addresses (u32); 7 bytes behind a sample's last must be readable.
 */
export function gatherBytes(samples: usize, offset: usize, count: i32, scale: f32, shift: f32, groups: usize): void {
  gather(samples, offset, count, scale, shift, 0, false, groups);
}

/**
 * `gatherBytes` of bytes whose brightness and contrast are changed first, sample by sample, and of which `groups` gets a part:
 * (clamp(byte * gain + lift, 0, 255) * scale + shift) * weight.
 * @param jitter gain, lift and weight, 8 float32 each: a lane group each
 * @param accumulate 1 to add to what is in `groups`
 */
export function gatherJittered(
  samples: usize, offset: usize, count: i32, scale: f32, shift: f32, jitter: usize, accumulate: i32, groups: usize,
): void {
  if (accumulate) gather(samples, offset, count, scale, shift, jitter, true, groups);
  else gather(samples, offset, count, scale, shift, jitter, false, groups);
}
