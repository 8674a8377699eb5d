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
