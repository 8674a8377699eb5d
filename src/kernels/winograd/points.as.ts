import { scaled } from '../shared/vector.as';

/**
 * Winograd's filtering over a grid, F(4 x 4, 3 x 3): a tile of 4 x 4 outputs takes 6 x 6 products, 2.25 an output instead of 9 (Lavin and
 * Gray 2015, https://arxiv.org/abs/1509.09308). In each direction its points are 0, ±√½, ±√2 and infinity: they lose half as many digits as
 * 0, ±1, ±2 (see `docs/performance.md`), and their squares are 1/2 and 2, so that a transform has as few operations.
 * The transforms of one direction: of 6 or 4 lane groups to 6, 4 or 3. The matrices are in `matrices.ts`.
 */

/** Points along each direction. */
export const POINTS = 6;

/** √½ and √2. */
export const NEAR: f32 = 0.7071067811865476;
export const FAR: f32 = 1.4142135623730951;

/** B of 6 inputs, at an address each, to 6 lane groups, `step` bytes apart. */
// @ts-ignore: decorator
@inline
export function inputPoints(p0: usize, p1: usize, p2: usize, p3: usize, p4: usize, p5: usize, to: usize, step: usize): void {
  const a2 = v128.load(p2), b2 = v128.load(p2, 16), a4 = v128.load(p4), b4 = v128.load(p4, 16);
  let lo = f32x4.sub(f32x4.add(v128.load(p0), a4), scaled(a2, 2.5)), hi = f32x4.sub(f32x4.add(v128.load(p0, 16), b4), scaled(b2, 2.5));
  v128.store(to, lo); v128.store(to, hi, 16);
  to += step;
  const a1 = v128.load(p1), b1 = v128.load(p1, 16), a3 = v128.load(p3), b3 = v128.load(p3, 16);
  let at = f32x4.sub(a4, f32x4.add(a2, a2)), bt = f32x4.sub(b4, f32x4.add(b2, b2));
  let as = scaled(f32x4.sub(a3, f32x4.add(a1, a1)), NEAR), bs = scaled(f32x4.sub(b3, f32x4.add(b1, b1)), NEAR);
  lo = f32x4.add(at, as); hi = f32x4.add(bt, bs);
  v128.store(to, lo); v128.store(to, hi, 16);
  to += step; lo = f32x4.sub(at, as); hi = f32x4.sub(bt, bs);
  v128.store(to, lo); v128.store(to, hi, 16);
  to += step;
  at = f32x4.sub(a4, scaled(a2, 0.5)); bt = f32x4.sub(b4, scaled(b2, 0.5));
  as = scaled(f32x4.sub(a3, scaled(a1, 0.5)), FAR); bs = scaled(f32x4.sub(b3, scaled(b1, 0.5)), FAR);
  lo = f32x4.add(at, as); hi = f32x4.add(bt, bs);
  v128.store(to, lo); v128.store(to, hi, 16);
  to += step; lo = f32x4.sub(at, as); hi = f32x4.sub(bt, bs);
  v128.store(to, lo); v128.store(to, hi, 16);
  to += step;
  lo = f32x4.sub(f32x4.add(a1, v128.load(p5)), scaled(a3, 2.5)); hi = f32x4.sub(f32x4.add(b1, v128.load(p5, 16)), scaled(b3, 2.5));
  v128.store(to, lo); v128.store(to, hi, 16);
}

/** G of 4 gradients, at an address each, to 6 lane groups, `step` bytes apart. */
// @ts-ignore: decorator
@inline
export function gradientPoints(p0: usize, p1: usize, p2: usize, p3: usize, to: usize, step: usize): void {
  const a0 = v128.load(p0), b0 = v128.load(p0, 16), a2 = v128.load(p2), b2 = v128.load(p2, 16);
  v128.store(to, a0); v128.store(to, b0, 16);
  to += step;
  const a1 = v128.load(p1), b1 = v128.load(p1, 16), a3 = v128.load(p3), b3 = v128.load(p3, 16);
  let at = scaled(f32x4.add(a0, scaled(a2, 0.5)), -2.0 / 3.0), bt = scaled(f32x4.add(b0, scaled(b2, 0.5)), -2.0 / 3.0);
  let as = scaled(f32x4.add(a1, scaled(a3, 0.5)), NEAR * (-2.0 / 3.0)), bs = scaled(f32x4.add(b1, scaled(b3, 0.5)), NEAR * (-2.0 / 3.0));
  let lo = f32x4.add(at, as), hi = f32x4.add(bt, bs);
  v128.store(to, lo); v128.store(to, hi, 16);
  to += step; lo = f32x4.sub(at, as); hi = f32x4.sub(bt, bs);
  v128.store(to, lo); v128.store(to, hi, 16);
  to += step;
  at = scaled(f32x4.add(a0, f32x4.add(a2, a2)), 1.0 / 6.0); bt = scaled(f32x4.add(b0, f32x4.add(b2, b2)), 1.0 / 6.0);
  as = scaled(f32x4.add(a1, f32x4.add(a3, a3)), FAR / 6.0); bs = scaled(f32x4.add(b1, f32x4.add(b3, b3)), FAR / 6.0);
  lo = f32x4.add(at, as); hi = f32x4.add(bt, bs);
  v128.store(to, lo); v128.store(to, hi, 16);
  to += step; lo = f32x4.sub(at, as); hi = f32x4.sub(bt, bs);
  v128.store(to, lo); v128.store(to, hi, 16);
  to += step;
  v128.store(to, a3); v128.store(to, b3, 16);
}

/** A of 6 lane groups, `fromStep` bytes apart, to the first `count` of 4, `step` bytes apart, and the same `bias` to each. */
// @ts-ignore: decorator
@inline
export function outputPoints(from: usize, fromStep: usize, to: usize, step: usize, count: i32, bias: usize): void {
  const b = bias ? v128.load32_splat(bias) : f32x4.splat(0);
  const a0 = v128.load(from), b0 = v128.load(from, 16); from += fromStep;
  const a1 = v128.load(from), b1 = v128.load(from, 16); from += fromStep;
  const a2 = v128.load(from), b2 = v128.load(from, 16); from += fromStep;
  const as = f32x4.add(a1, a2), bs = f32x4.add(b1, b2);
  const ad = scaled(f32x4.sub(a1, a2), NEAR), bd = scaled(f32x4.sub(b1, b2), NEAR);
  const a3 = v128.load(from), b3 = v128.load(from, 16); from += fromStep;
  const a4 = v128.load(from), b4 = v128.load(from, 16); from += fromStep;
  const aS = f32x4.add(a3, a4), bS = f32x4.add(b3, b4);
  const aD = scaled(f32x4.sub(a3, a4), FAR), bD = scaled(f32x4.sub(b3, b4), FAR);
  let lo = f32x4.add(f32x4.add(f32x4.add(a0, as), aS), b), hi = f32x4.add(f32x4.add(f32x4.add(b0, bs), bS), b);
  v128.store(to, lo); v128.store(to, hi, 16);
  if (count < 2) return;
  to += step; lo = f32x4.add(f32x4.add(ad, aD), b); hi = f32x4.add(f32x4.add(bd, bD), b);
  v128.store(to, lo); v128.store(to, hi, 16);
  if (count < 3) return;
  to += step;
  lo = f32x4.add(f32x4.add(scaled(as, 0.5), f32x4.add(aS, aS)), b); hi = f32x4.add(f32x4.add(scaled(bs, 0.5), f32x4.add(bS, bS)), b);
  v128.store(to, lo); v128.store(to, hi, 16);
  if (count < 4) return;
  to += step;
  const a5 = v128.load(from), b5 = v128.load(from, 16);
  lo = f32x4.add(f32x4.add(scaled(ad, 0.5), f32x4.add(aD, aD)), a5); hi = f32x4.add(f32x4.add(scaled(bd, 0.5), f32x4.add(bD, bD)), b5);
  lo = f32x4.add(lo, b); hi = f32x4.add(hi, b);
  v128.store(to, lo); v128.store(to, hi, 16);
}
