import type { OptimizerOf } from '../../config/schema.js';
import type { OptimizerRule } from './rule.js';

/** Stochastic gradient descent with momentum, Nesterov and weight decay, as torch.optim.SGD defines them. */
export const sgd: OptimizerRule<OptimizerOf<'sgd'>> = {
  slots: ['velocity'],
  bind:
    (kernels, { momentum, weightDecay, nesterov }) =>
    (parameters, gradient, slots, length, scale, learningRate) =>
      kernels.sgd(
        parameters,
        gradient,
        slots[0]!,
        length,
        scale,
        learningRate,
        momentum,
        weightDecay,
        nesterov ? 1 : 0,
      ),
};
