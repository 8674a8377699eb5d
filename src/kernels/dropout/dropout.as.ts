/** Inverted dropout (Srivastava et al. 2014), scaled while training: y = x * mask, mask 0 or 1 / (1 - rate). */

/** A well-mixed 32-bit hash (lowbias32, https://github.com/skeeto/hash-prospector). */
// @ts-ignore: decorator
@inline
function mix(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x7feb352d));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(0x846ca68b));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/**
 * @param keys 8 uint32, a hash of each lane's sample; an element is dropped where the hash of (key, element) is below `threshold`,
 *   rate * 2^32
 * @param mask `[count]` lane groups, kept for the backward pass
 */
export function dropoutForward(x: usize, y: usize, mask: usize, keys: usize, count: i32, threshold: u32, scale: f32): void {
  const lo = v128.load(keys), hi = v128.load(keys, 16), t = i32x4.splat(threshold), s = f32x4.splat(scale);
  for (let i = 0; i < count; i++) {
    const element = i32x4.splat(i * 0x9e3779b9);
    const mlo = v128.and(i32x4.ge_u(mix(v128.xor(lo, element)), t), s), mhi = v128.and(i32x4.ge_u(mix(v128.xor(hi, element)), t), s);
    v128.store(mask, mlo); v128.store(mask, mhi, 16);
    v128.store(y, f32x4.mul(v128.load(x), mlo)); v128.store(y, f32x4.mul(v128.load(x, 16), mhi), 16);
    x += 32; y += 32; mask += 32;
  }
}

export function dropoutBackward(mask: usize, dy: usize, dx: usize, count: i32): void {
  for (const end = dy + (<usize>count << 5); dy < end; dy += 16, mask += 16, dx += 16) {
    v128.store(dx, f32x4.mul(v128.load(dy), v128.load(mask)));
  }
}
