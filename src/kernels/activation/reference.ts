import type { ActivationType } from '../../config/activations.js';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const silu = (x: number): number => x * sigmoid(x);
export const siluSlope = (x: number): number => sigmoid(x) * (1 + x * (1 - sigmoid(x)));

const density = (x: number): number => Math.exp(-x * x * 0.5) / Math.sqrt(2 * Math.PI);

/** The normal distribution's function, by its series about 0 (Marsaglia 2004). */
function normalBelow(x: number): number {
  if (Math.abs(x) > 12) return x > 0 ? 1 : 0;
  let sum = x;
  for (let term = x, n = 3, last = 0; sum !== last; n += 2) {
    last = sum;
    term *= (x * x) / n;
    sum += term;
  }
  return 0.5 + sum * density(x);
}

/** With the activation's option, where it has one. */
interface Activation {
  of(x: number, option: number): number;
  /** At x. */
  slope(x: number, option: number): number;
  /** From what the forward pass keeps: the output, or the slope itself. */
  slopeFrom(kept: number, option: number): number;
}

const itself = (slope: number) => slope;

export const activationReference: Record<ActivationType, Activation> = {
  sigmoid: { of: sigmoid, slope: (x) => sigmoid(x) * (1 - sigmoid(x)), slopeFrom: (y) => y * (1 - y) },
  silu: { of: silu, slope: siluSlope, slopeFrom: itself },
  relu: { of: (x) => Math.max(x, 0), slope: (x) => (x > 0 ? 1 : 0), slopeFrom: (y) => (y > 0 ? 1 : 0) },
  tanh: { of: Math.tanh, slope: (x) => 1 - Math.tanh(x) ** 2, slopeFrom: (y) => 1 - y ** 2 },
  gelu: {
    of: (x) => x * normalBelow(x),
    slope: (x) => normalBelow(x) + x * density(x),
    slopeFrom: itself,
  },
  leakyRelu: {
    of: (x, a) => (x > 0 ? x : a * x),
    slope: (x, a) => (x > 0 ? 1 : a),
    slopeFrom: (y, a) => (y > 0 ? 1 : a),
  },
  elu: {
    of: (x, a) => (x > 0 ? x : a * Math.expm1(x)),
    slope: (x, a) => (x > 0 ? 1 : a * Math.exp(x)),
    slopeFrom: (y, a) => (y > 0 ? 1 : y + a),
  },
  hardSwish: {
    of: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
    slope: (x) => (x < -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5),
    slopeFrom: itself,
  },
  relu6: {
    of: (x) => Math.min(Math.max(x, 0), 6),
    slope: (x) => (x > 0 && x < 6 ? 1 : 0),
    slopeFrom: (y) => (y > 0 && y < 6 ? 1 : 0),
  },
};

/** x above 0, else slope * x, a slope a channel: y, and the gradients of slopes and x. */
export function prelu(x: ArrayLike<number>, slopes: ArrayLike<number>, dy: ArrayLike<number> = x) {
  const size = x.length / slopes.length;
  const slopeAt = (i: number) => (x[i]! > 0 ? 1 : slopes[Math.floor(i / size)]!);
  const each = (f: (i: number) => number) => Float64Array.from({ length: x.length }, (_, i) => f(i));
  const gradient = new Float64Array(slopes.length);
  for (let i = 0; i < x.length; i++) if (x[i]! <= 0) gradient[Math.floor(i / size)]! += dy[i]! * x[i]!;
  return { y: each((i) => x[i]! * slopeAt(i)), gradient, dx: each((i) => dy[i]! * slopeAt(i)) };
}
