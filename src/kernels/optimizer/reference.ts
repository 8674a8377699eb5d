type Values = ArrayLike<number>;

export interface SgdSettings {
  readonly scale: number;
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
}

/** torch.optim.SGD with dampening 0: g = gradient * scale + weightDecay * w; v = momentum * v + g; w -= learningRate * step. */
export function sgd(w: Values, gradient: Values, velocity: Values, settings: SgdSettings) {
  const { scale, learningRate, momentum, weightDecay, nesterov } = settings;
  const g = Array.from(w, (value, i) => gradient[i]! * scale + weightDecay * value);
  // Without momentum there is no velocity.
  const v = momentum === 0 ? Array.from(velocity) : g.map((value, i) => momentum * velocity[i]! + value);
  const step = momentum === 0 ? g : nesterov ? g.map((value, i) => value + momentum * v[i]!) : v;
  return { w: Array.from(w, (value, i) => value - learningRate * step[i]!), velocity: v };
}

export interface AdamSettings {
  readonly scale: number;
  readonly decay: number;
  readonly keep: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly correction: number;
  readonly epsilon: number;
  readonly rate: number;
}

/** torch.optim.Adam and AdamW, as they stand above the kernel. */
export function adam(w: Values, gradient: Values, first: Values, second: Values, settings: AdamSettings) {
  const { scale, decay, keep, beta1, beta2, correction, epsilon, rate } = settings;
  const g = Array.from(w, (value, i) => gradient[i]! * scale + decay * value);
  const m = g.map((value, i) => beta1 * first[i]! + (1 - beta1) * value);
  const v = g.map((value, i) => beta2 * second[i]! + (1 - beta2) * value * value);
  const step = m.map((value, i) => (rate * value) / (Math.sqrt(v[i]!) / correction + epsilon));
  return { w: Array.from(w, (value, i) => keep * value - step[i]!), first: m, second: v };
}

export interface RmspropSettings {
  readonly scale: number;
  readonly decay: number;
  readonly keep: number;
  readonly centered: boolean;
  readonly epsilon: number;
  readonly momentum: number;
  readonly rate: number;
}

/** torch.optim.RMSprop, as it stands above the kernel. */
export function rmsprop(
  w: Values,
  gradient: Values,
  second: Values,
  first: Values,
  velocity: Values,
  settings: RmspropSettings,
) {
  const { scale, decay, keep, centered, epsilon, momentum, rate } = settings;
  const g = Array.from(w, (value, i) => gradient[i]! * scale + decay * value);
  const v = g.map((value, i) => keep * second[i]! + (1 - keep) * value * value);
  const m = centered ? g.map((value, i) => keep * first[i]! + (1 - keep) * value) : Array.from(first);
  const change = g.map(
    (value, i) => value / (Math.sqrt(centered ? Math.max(v[i]! - m[i]! ** 2, 0) : v[i]!) + epsilon),
  );
  const b = momentum > 0 ? change.map((value, i) => momentum * velocity[i]! + value) : Array.from(velocity);
  const step = momentum > 0 ? b : change;
  return {
    w: Array.from(w, (value, i) => value - rate * step[i]!),
    second: v,
    first: m,
    velocity: b,
  };
}

export interface LionSettings {
  readonly scale: number;
  readonly keep: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly rate: number;
}

/** Lion, as it stands above the kernel. */
export function lion(w: Values, gradient: Values, first: Values, settings: LionSettings) {
  const { scale, keep, beta1, beta2, rate } = settings;
  const g = Array.from(gradient, (value) => value * scale);
  const sign = g.map((value, i) => Math.sign(beta1 * first[i]! + (1 - beta1) * value));
  return {
    w: Array.from(w, (value, i) => keep * value - rate * sign[i]!),
    first: g.map((value, i) => beta2 * first[i]! + (1 - beta2) * value),
  };
}
