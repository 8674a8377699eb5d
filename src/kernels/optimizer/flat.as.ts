import { promoteHigh } from '../shared/vector.as';

/** Over flat buffers of float32; counts are multiples of 4, as the memory plan pads them. */

/** sum += other. */
export function add(sum: usize, other: usize, count: i32): void {
  for (const end = sum + (<usize>count << 2); sum < end; sum += 16, other += 16) {
    v128.store(sum, f32x4.add(v128.load(sum), v128.load(other)));
  }
}

/** sum += other, float64; the count is even. */
export function addDoubles(sum: usize, other: usize, count: i32): void {
  for (const end = sum + (<usize>count << 3); sum < end; sum += 16, other += 16) {
    v128.store(sum, f64x2.add(v128.load(sum), v128.load(other)));
  }
}

/** y = a + b. */
export function sumOfTwo(a: usize, b: usize, y: usize, count: i32): void {
  for (const end = y + (<usize>count << 2); y < end; a += 16, b += 16, y += 16) {
    v128.store(y, f32x4.add(v128.load(a), v128.load(b)));
  }
}

/** Copy float32 values. */
export function copy(from: usize, to: usize, count: i32): void {
  memory.copy(to, from, <usize>count << 2);
}

/** 1 if every value is finite, else 0. */
export function allFinite(x: usize, count: i32): i32 {
  let sum = f32x4.splat(0);
  for (const end = x + (<usize>count << 2); x < end; x += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(x), f32x4.splat(0)));
  return i32x4.all_true(f32x4.eq(sum, f32x4.splat(0))) ? 1 : 0; // 0 * infinity and 0 * NaN are NaN
}

/** x *= factor. */
export function scale(x: usize, count: i32, factor: f32): void {
  const k = f32x4.splat(factor);
  for (const end = x + (<usize>count << 2); x < end; x += 16) v128.store(x, f32x4.mul(v128.load(x), k));
}

/** Values beyond -limit or limit become these. */
export function clamp(x: usize, count: i32, limit: f32): void {
  const high = f32x4.splat(limit), low = f32x4.splat(-limit);
  for (const end = x + (<usize>count << 2); x < end; x += 16) {
    v128.store(x, f32x4.max(low, f32x4.min(high, v128.load(x))));
  }
}

/** x += part * (y - x). */
export function lerp(x: usize, y: usize, count: i32, part: f32): void {
  const k = f32x4.splat(part);
  for (const end = x + (<usize>count << 2); x < end; x += 16, y += 16) {
    const old = v128.load(x);
    v128.store(x, f32x4.add(old, f32x4.mul(k, f32x4.sub(v128.load(y), old))));
  }
}

/** Sum of the squares, float64: four sums, each of every fourth value in order, then (0 + 2) + (1 + 3). */
export function sumOfSquares(x: usize, count: i32): f64 {
  let low = f64x2.splat(0), high = f64x2.splat(0);
  for (const end = x + (<usize>count << 2); x < end; x += 16) {
    const values = v128.load(x);
    const a = f64x2.promote_low_f32x4(values);
    const b = promoteHigh(values);
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const sums = f64x2.add(low, high);
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

/**
 * One step of SGD as torch.optim.SGD takes it, dampening 0:
 *   g = gradient * scale + weightDecay * w;  v = momentum * v + g;  w -= learningRate * (nesterov ? g + momentum * v : v)
 * Without momentum there is no v: `velocity` is left alone.
 */
export function sgd(
  w: usize, gradient: usize, velocity: usize, count: i32,
  scale: f32, learningRate: f32, momentum: f32, weightDecay: f32, nesterov: bool,
): void {
  const k = f32x4.splat(scale), rate = f32x4.splat(learningRate), m = f32x4.splat(momentum), decay = f32x4.splat(weightDecay);
  const end = w + (<usize>count << 2);
  if (momentum == 0) {
    for (; w < end; w += 16, gradient += 16) {
      const old = v128.load(w), g = f32x4.add(f32x4.mul(v128.load(gradient), k), f32x4.mul(decay, old));
      v128.store(w, f32x4.sub(old, f32x4.mul(rate, g)));
    }
    return;
  }
  for (; w < end; w += 16, gradient += 16, velocity += 16) {
    const old = v128.load(w);
    const g = f32x4.add(f32x4.mul(v128.load(gradient), k), f32x4.mul(decay, old));
    const v = f32x4.add(f32x4.mul(m, v128.load(velocity)), g);
    v128.store(velocity, v);
    v128.store(w, f32x4.sub(old, f32x4.mul(rate, nesterov ? f32x4.add(g, f32x4.mul(m, v)) : v)));
  }
}

/**
 * One step of Adam as torch.optim.Adam takes it, or of AdamW:
 *   g = gradient * scale + decay * w;  w *= keep;
 *   m = lerp(m, g, fresh1);  v = keep2 * v + fresh2 * g * g;
 *   w -= rate * m / (sqrt(v) / correction + epsilon)
 * `fresh1` is 1 - beta1, `keep2` beta2 and `fresh2` 1 - beta2. Adam has keep 1, AdamW decay 0.
 * Like PyTorch's, lerp starts from the nearer end: m + fresh1 * (g - m), or g - (1 - fresh1) * (g - m) where fresh1 is 1/2 or more.
 */
export function adam(
  w: usize, gradient: usize, firstMoment: usize, secondMoment: usize, count: i32,
  scale: f32, decay: f32, keep: f32, fresh1: f32, keep2: f32, fresh2: f32, correction: f32, epsilon: f32, rate: f32,
): void {
  const k = f32x4.splat(scale), coupled = f32x4.splat(decay), decoupled = f32x4.splat(keep);
  const near = fresh1 < 0.5, part1 = f32x4.splat(near ? fresh1 : 1 - fresh1);
  const old2 = f32x4.splat(keep2), part2 = f32x4.splat(fresh2);
  const root = f32x4.splat(correction), eps = f32x4.splat(epsilon), step = f32x4.splat(rate);
  for (const end = w + (<usize>count << 2); w < end; w += 16, gradient += 16, firstMoment += 16, secondMoment += 16) {
    const x = v128.load(w);
    const g = f32x4.add(f32x4.mul(v128.load(gradient), k), f32x4.mul(coupled, x));
    const before = v128.load(firstMoment), way = f32x4.mul(part1, f32x4.sub(g, before));
    const m = near ? f32x4.add(before, way) : f32x4.sub(g, way);
    const v = f32x4.add(f32x4.mul(old2, v128.load(secondMoment)), f32x4.mul(f32x4.mul(part2, g), g));
    v128.store(firstMoment, m);
    v128.store(secondMoment, v);
    const size = f32x4.add(f32x4.div(f32x4.sqrt(v), root), eps);
    v128.store(w, f32x4.sub(f32x4.mul(x, decoupled), f32x4.div(f32x4.mul(step, m), size)));
  }
}
