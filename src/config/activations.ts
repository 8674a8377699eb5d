/**
 * The activations, one a row.
 * - `keeps`: what the backward pass needs: the output y, or the slope that the forward pass writes beside it.
 * - `ofLow`: for one that falls before it rises, the kernel by which a max-pool sees whether a window's lowest value gives the highest
 *   output. The others never fall; and none may fall again once it has risen.
 * - `isPositive`: whether it is never below 0.
 *
 * A new one is a row here and a pair of kernels, NAMEForward and NAMEBackward, in `src/kernels/activation/activation.as.ts`.
 */
export const activations = {
  sigmoid: { keeps: 'y', ofLow: undefined, isPositive: true },
  silu: { keeps: 'slope', ofLow: 'siluOfLow', isPositive: false },
  relu: { keeps: 'y', ofLow: undefined, isPositive: true },
  tanh: { keeps: 'y', ofLow: undefined, isPositive: false },
} as const satisfies Record<
  string,
  { keeps: 'y' | 'slope'; ofLow: 'siluOfLow' | undefined; isPositive: boolean }
>;

export type ActivationType = keyof typeof activations;
export const activationTypes = Object.keys(activations) as [ActivationType, ...ActivationType[]];
