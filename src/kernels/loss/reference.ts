type Values = ArrayLike<number>;

/** What a class weighs in a sample's target. */
export type Target = (cls: number) => number;

/** t[k] = weights[k] * (smoothing / classes + (1 - smoothing) * (share * [k = label] + (1 - share) * [k = partner])) */
export const targetOf =
  (weights: Values, smoothing: number, label: number, partner: number, share: number): Target =>
  (cls) => {
    const hit = (cls === label ? share : 0) + (cls === partner ? 1 - share : 0);
    return weights[cls]! * (smoothing / weights.length + (1 - smoothing) * hit);
  };

/** Of one sample: the loss, -sum of t[k] ln(p[k]), its gradient, p[k] (sum of t) - t[k], and how many classes come before the label; p = softmax(z). */
export function crossEntropy(z: Values, label: number, target: Target = (cls) => (cls === label ? 1 : 0)) {
  const logits = Array.from(z);
  const top = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - top));
  const norm = powers.reduce((a, b) => a + b, 0);
  const targets = logits.map((_, cls) => target(cls));
  const mass = targets.reduce((a, b) => a + b, 0);
  const before = (value: number, cls: number) =>
    value > logits[label]! || (value === logits[label] && cls < label);
  return {
    loss: targets.reduce((total, t, cls) => total - t * (logits[cls]! - top - Math.log(norm)), 0),
    dz: powers.map((power, cls) => (mass * power) / norm - targets[cls]!),
    classesBefore: logits.filter(before).length,
  };
}
