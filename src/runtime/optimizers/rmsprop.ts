import type { OptimizerOf } from '../../config/schema.js';
import type { OptimizerRule } from './rule.js';

/**
 * RMSprop (Hinton 2012) as torch.optim.RMSprop defines it. Where it is centered, a variance that rounding made negative counts as 0
 * (PyTorch's root of it is NaN).
 */
export const rmsprop: OptimizerRule<OptimizerOf<'rmsprop'>> = {
  slots: ({ centered, momentum }) => [
    'secondMoment',
    ...(centered ? (['firstMoment'] as const) : []),
    ...(momentum > 0 ? (['velocity'] as const) : []),
  ],
  bind:
    (kernels, { smoothing, epsilon, momentum, centered, weightDecay }) =>
    (parameters, gradient, slots, length, scale, learningRate) =>
      kernels.rmsprop(
        parameters,
        gradient,
        slots[0]!,
        centered ? slots[1]! : 0,
        momentum > 0 ? slots[centered ? 2 : 1]! : 0,
        length,
        scale,
        weightDecay,
        smoothing,
        1 - smoothing,
        epsilon,
        momentum,
        learningRate,
      ),
};
