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
