import type { OptimizerOf } from '../../config/schema.js';
import { integerPower } from '../../numerics/exact-math.js';
import type { OptimizerRule } from './rule.js';

/**
 * Adam (Kingma and Ba 2015) as torch.optim.Adam defines it, and AdamW (Loshchilov and Hutter 2019) as torch.optim.AdamW does, without
 * amsgrad. The first moment is the gradients' running mean, the second that of their squares; both start at 0, which the corrections
 * by 1 - beta^step make good.
 * @param isDecoupled whether weight decay shrinks the weights themselves (AdamW), or is added to the gradient (Adam)
 */
const adamRule = (isDecoupled: boolean): OptimizerRule<OptimizerOf<'adam' | 'adamw'>> => ({
  slots: () => ['firstMoment', 'secondMoment'],
  bind:
    (kernels, { beta1, beta2, epsilon, weightDecay }) =>
    (parameters, gradient, slots, length, scale, learningRate, step) =>
      kernels.adam(
        parameters,
        gradient,
        slots[0]!,
        slots[1]!,
        length,
        scale,
        isDecoupled ? 0 : weightDecay,
        isDecoupled ? 1 - learningRate * weightDecay : 1,
        1 - beta1,
        beta2,
        1 - beta2,
        Math.sqrt(1 - integerPower(beta2, step)),
        epsilon,
        learningRate / (1 - integerPower(beta1, step)),
      ),
});

export const adam = adamRule(false);
export const adamw = adamRule(true);
