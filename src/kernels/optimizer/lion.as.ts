/**
 * One step of Lion (Chen et al. 2023, algorithm 2):
 *   g = gradient * scale;  c = keep1 * m + fresh1 * g;  w = w * keep - rate * sign(c);  m = keep2 * m + fresh2 * g
 * `keep1` is beta1, `fresh1` 1 - beta1, and likewise of beta2; `keep` is 1 - rate * decay. The sign of 0 is 0.
 */
export function lion(
  w: usize, gradient: usize, firstMoment: usize, count: i32,
  scale: f32, keep: f32, keep1: f32, fresh1: f32, keep2: f32, fresh2: f32, rate: f32,
): void {
  const k = f32x4.splat(scale), decoupled = f32x4.splat(keep), step = f32x4.splat(rate), zero = f32x4.splat(0);
  const old1 = f32x4.splat(keep1), part1 = f32x4.splat(fresh1), old2 = f32x4.splat(keep2), part2 = f32x4.splat(fresh2);
  for (const end = w + (<usize>count << 2); w < end; w += 16, gradient += 16, firstMoment += 16) {
    const g = f32x4.mul(v128.load(gradient), k), m = v128.load(firstMoment);
    const c = f32x4.add(f32x4.mul(old1, m), f32x4.mul(part1, g));
    const up = v128.and(f32x4.gt(c, zero), step), down = v128.and(f32x4.lt(c, zero), step);
    v128.store(w, f32x4.add(f32x4.sub(f32x4.mul(v128.load(w), decoupled), up), down));
    v128.store(firstMoment, f32x4.add(f32x4.mul(old2, m), f32x4.mul(part2, g)));
  }
}
