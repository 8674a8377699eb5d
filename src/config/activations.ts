/**
 * The activations, one a row. `backwardReads` says from which the kernel takes the slope: the input x or the output y.
 * A new one is a row here and a pair of kernels, NAMEForward and NAMEBackward, in `src/kernels/assembly/activations.ts`.
 */
export const activations = {
  sigmoid: { backwardReads: 'y' },
  silu: { backwardReads: 'x' },
  relu: { backwardReads: 'y' },
  tanh: { backwardReads: 'y' },
} as const satisfies Record<string, { backwardReads: 'x' | 'y' }>;

export type ActivationType = keyof typeof activations;
export const activationTypes = Object.keys(activations) as [ActivationType, ...ActivationType[]];
