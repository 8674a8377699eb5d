/** What the file takes: pixels as an image holds them, or what the network itself sees. */
export const inputKinds = ['pixels', 'normalized'] as const;
export type InputKind = (typeof inputKinds)[number];

export interface OnnxOptions {
  /** `pixels`, the default: normalization, or the histogram, is part of the graph. `normalized`: it takes what the network sees. */
  readonly input?: InputKind | undefined;
  /** Whether it gives probabilities in place of logits. By default no. */
  readonly softmax?: boolean | undefined;
  /** Whether batch norms are folded into the convolutions and dense layers before them. By default no: layers stay as in the config. */
  readonly fold?: boolean | undefined;
}
