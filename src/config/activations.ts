/**
 * The activations, one a row.
 * - `option`: the number that a config may say of it; it follows the other arguments of its kernels.
 * - `keeps`: what the backward pass needs: the output y, or the slope that the forward pass writes beside it.
 * - `rises`: whether it never falls: then the highest output of a max-pool's window is that of its highest input.
 * - `ofLow`: for one that falls before it rises, the kernel by which a max-pool sees whether a window's lowest value gives the highest
 *   output. Undefined for one that rises, which needs none; one that falls and has none is not fused with a max-pool.
 * - `isPositive`: whether it is never below 0.
 *
 * A new one is a row here and its kernels in `src/kernels/activation/activation.as.ts`: NAMEForward, and NAMEBackward where it keeps y.
 */
export const activations = {
  sigmoid: { option: undefined, keeps: 'y', rises: true, ofLow: undefined, isPositive: true },
  silu: { option: undefined, keeps: 'slope', rises: false, ofLow: 'siluOfLow', isPositive: false },
  relu: { option: undefined, keeps: 'y', rises: true, ofLow: undefined, isPositive: true },
  tanh: { option: undefined, keeps: 'y', rises: true, ofLow: undefined, isPositive: false },
  gelu: { option: undefined, keeps: 'slope', rises: false, ofLow: undefined, isPositive: false },
  leakyRelu: { option: 'slope', keeps: 'y', rises: true, ofLow: undefined, isPositive: false },
  elu: { option: 'alpha', keeps: 'y', rises: true, ofLow: undefined, isPositive: false },
  hardSwish: { option: undefined, keeps: 'slope', rises: false, ofLow: undefined, isPositive: false },
  relu6: { option: undefined, keeps: 'y', rises: true, ofLow: undefined, isPositive: true },
} as const satisfies Record<
  string,
  {
    option: 'slope' | 'alpha' | undefined;
    keeps: 'y' | 'slope';
    rises: boolean;
    ofLow: 'siluOfLow' | undefined;
    isPositive: boolean;
  }
>;

export type ActivationType = keyof typeof activations;
export const activationTypes = Object.keys(activations) as [ActivationType, ...ActivationType[]];

/** Those of which a config says nothing but the type. */
export type PlainActivation = {
  [T in ActivationType]: (typeof activations)[T]['option'] extends undefined ? T : never;
}[ActivationType];
export const plainActivations = activationTypes.filter((type) => activations[type].option === undefined) as [
  PlainActivation,
  ...PlainActivation[],
];

/** What a config says of an activation. */
export type ActivationConfig =
  | { readonly type: PlainActivation }
  | { readonly type: 'leakyRelu'; readonly slope: number }
  | { readonly type: 'elu'; readonly alpha: number };

/** The number that its kernels are given; 0 where it has none. */
export function optionOf(config: ActivationConfig): number {
  switch (config.type) {
    case 'leakyRelu':
      return config.slope;
    case 'elu':
      return config.alpha;
    default:
      return 0;
  }
}
