import type { CustomLossFactory } from '#lockstep/graph/custom-types.js';

/** Softmax and cross entropy once more. */
export const crossEntropy: CustomLossFactory =
  () =>
  ({ logits, label, gradient }) => {
    const most = Math.max(...logits);
    let sum = 0;
    for (const logit of logits) sum += Math.exp(logit - most);
    for (let k = 0; k < logits.length; k++)
      gradient[k] = Math.exp(logits[k]! - most) / sum - (k === label ? 1 : 0);
    return Math.log(sum) - (logits[label]! - most);
  };
