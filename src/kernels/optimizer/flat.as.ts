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
