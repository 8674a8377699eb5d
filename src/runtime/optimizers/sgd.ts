import type { OptimizerOf } from '../../config/schema.js';
import type { OptimizerRule } from './rule.js';

/** Stochastic gradient descent with momentum, Nesterov and weight decay, as torch.optim.SGD defines them. */
export const sgd: OptimizerRule<OptimizerOf<'sgd'>> = {
  slots: () => ['velocity'],
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

/** SGDW (Loshchilov and Hutter 2019): weight decay shrinks the weights themselves, before SGD's step, as AdamW's does. */
export const sgdw: OptimizerRule<OptimizerOf<'sgdw'>> = {
  slots: () => ['velocity'],
  bind(kernels, config) {
    const update = sgd.bind(kernels, { ...config, type: 'sgd', weightDecay: 0 });
    return (parameters, gradient, slots, length, scale, learningRate, step) => {
      kernels.scale(parameters, length, 1 - learningRate * config.weightDecay);
      update(parameters, gradient, slots, length, scale, learningRate, step);
    };
  },
};
