import type { ActivationType } from '../../config/activations.js';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const silu = (x: number): number => x * sigmoid(x);
export const siluSlope = (x: number): number => sigmoid(x) * (1 + x * (1 - sigmoid(x)));

interface Activation {
  of(x: number): number;
  /** At x. */
  slope(x: number): number;
  /** From what the forward pass keeps: the output, or the slope itself. */
  slopeFrom(kept: number): number;
}

export const activationReference: Record<ActivationType, Activation> = {
  sigmoid: { of: sigmoid, slope: (x) => sigmoid(x) * (1 - sigmoid(x)), slopeFrom: (y) => y * (1 - y) },
  silu: { of: silu, slope: siluSlope, slopeFrom: (slope) => slope },
  relu: { of: (x) => Math.max(x, 0), slope: (x) => (x > 0 ? 1 : 0), slopeFrom: (y) => (y > 0 ? 1 : 0) },
  tanh: { of: Math.tanh, slope: (x) => 1 - Math.tanh(x) ** 2, slopeFrom: (y) => 1 - y ** 2 },
};
