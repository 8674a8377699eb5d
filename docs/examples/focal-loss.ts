import type { CustomLossFactory } from 'lockstep';

/** Focal loss (Lin et al. 2017, eq. 4), -(1 - p)^gamma ln(p) with p the label's probability: what is learned already counts for little. */
const focalLoss: CustomLossFactory<{ gamma?: number }> = ({ gamma = 2 }) => {
  if (!(gamma >= 1)) throw new RangeError(`gamma is ${gamma}, expected 1 or more`);
  return ({ logits, label, gradient }) => {
    let largest = logits[0]!;
    for (const logit of logits) largest = Math.max(largest, logit);
    let sum = 0;
    for (const logit of logits) sum += Math.exp(logit - largest);
    const logP = logits[label]! - largest - Math.log(sum);
    const p = Math.exp(logP);
    const slope = gamma * (1 - p) ** (gamma - 1) * p * logP - (1 - p) ** gamma;
    for (let k = 0; k < logits.length; k++)
      gradient[k] = slope * ((k === label ? 1 : 0) - Math.exp(logits[k]! - largest) / sum);
    return -((1 - p) ** gamma) * logP;
  };
};

export default focalLoss;
