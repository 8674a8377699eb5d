import type { OptimizerOf } from '../../config/schema.js';
import type { OptimizerRule } from './rule.js';

/** Lion (Chen et al. 2023): every weight moves by the learning rate, up or down; weight decay is decoupled. */
export const lion: OptimizerRule<OptimizerOf<'lion'>> = {
  slots: () => ['firstMoment'],
  bind:
    (kernels, { beta1, beta2, weightDecay }) =>
    (parameters, gradient, slots, length, scale, learningRate) =>
      kernels.lion(
        parameters,
        gradient,
        slots[0]!,
        length,
        scale,
        1 - learningRate * weightDecay,
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        learningRate,
      ),
};
