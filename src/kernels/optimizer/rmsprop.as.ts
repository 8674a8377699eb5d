/**
 * One step of RMSprop as torch.optim.RMSprop takes it:
 *   g = gradient * scale + decay * w;  v = keep * v + fresh * g * g;
 *   centered: m = keep * m + fresh * g;  s = sqrt(max(v - m * m, 0)) + epsilon;  else: s = sqrt(v) + epsilon
 *   b = momentum * b + g / s;  w -= rate * b
 * @param firstMoment m; 0 where it is not centered
 * @param velocity b; 0 without momentum: w -= rate * g / s
 */
export function rmsprop(
  w: usize, gradient: usize, secondMoment: usize, firstMoment: usize, velocity: usize, count: i32,
  scale: f32, decay: f32, keep: f32, fresh: f32, epsilon: f32, momentum: f32, rate: f32,
): void {
  const k = f32x4.splat(scale), coupled = f32x4.splat(decay), old = f32x4.splat(keep), part = f32x4.splat(fresh);
  const eps = f32x4.splat(epsilon), inertia = f32x4.splat(momentum), step = f32x4.splat(rate), zero = f32x4.splat(0);
  for (let i: usize = 0, end = <usize>count << 2; i < end; i += 16) {
    const x = v128.load(w + i);
    const g = f32x4.add(f32x4.mul(v128.load(gradient + i), k), f32x4.mul(coupled, x));
    const v = f32x4.add(f32x4.mul(old, v128.load(secondMoment + i)), f32x4.mul(f32x4.mul(part, g), g));
    v128.store(secondMoment + i, v);
    let variance = v;
    if (firstMoment != 0) {
      const m = f32x4.add(f32x4.mul(old, v128.load(firstMoment + i)), f32x4.mul(part, g));
      v128.store(firstMoment + i, m);
      variance = f32x4.max(f32x4.sub(v, f32x4.mul(m, m)), zero);
    }
    let change = f32x4.div(g, f32x4.add(f32x4.sqrt(variance), eps));
    if (velocity != 0) {
      change = f32x4.add(f32x4.mul(inertia, v128.load(velocity + i)), change);
      v128.store(velocity + i, change);
    }
    v128.store(w + i, f32x4.sub(x, f32x4.mul(step, change)));
  }
}
