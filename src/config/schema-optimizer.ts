import { z } from 'zod';
import { count, finite, probability } from './schema-numbers.js';
import { schedule } from './schema-schedule.js';

/** The part of a config that says how a step moves the weights. */

/** Layers, or parameters, by name. */
const parameterPattern = z
  .string()
  .min(1)
  .describe(
    'Name of a layer with parameters, or of one of its parameters (bn1.bias), or a pattern of names: * stands for any letters',
  );

const beta = (value: number) => finite.min(0).lt(1).default(value);

/** What every optimizer has. */
const rate = {
  learningRate: finite
    .positive()
    .describe('Step size: on the mean over the batch, or on its sum, as loss.reduction says'),
};
const common = {
  gradientClipping: z
    .strictObject({
      norm: finite
        .positive()
        .optional()
        .describe('A gradient whose norm, over all trained parameters, is larger is shortened to it'),
      value: finite.positive().optional().describe('No part of the gradient is beyond -value or value'),
    })
    .refine((clipping) => Object.keys(clipping).length === 1, {
      message: 'expected either norm or value',
    })
    .optional()
    .describe(
      'A bound for the gradient, on the mean over the batch, or on its sum, as loss.reduction says, before weight decay',
    ),
  decayBiasesAndNorms: z
    .boolean()
    .default(true)
    .describe(
      'Whether weight decay is for all parameters; else it is for the weights of convolutions and dense layers, and not for biases, the scales ' +
        'and shifts of norms, and slopes',
    ),
  layerFactors: z
    .array(
      z.strictObject({
        layers: parameterPattern,
        factor: finite.min(0).max(1000).default(1).describe('Of learningRate; with 0 they stay as they are'),
        weightDecay: finite.min(0).max(1000).default(1).describe('Of weightDecay, a factor too'),
      }),
    )
    .default([])
    .describe(
      'Layers or parameters with another learning rate or weight decay; of several entries for one the last counts',
    ),
  lookahead: z
    .strictObject({
      steps: count.default(5).describe('Steps from one to the next'),
      alpha: probability.default(0.5).describe('Part of the way that the slow weights go'),
      finalAlpha: probability
        .optional()
        .describe(
          'That part at the end of the training: it moves there with the cube of the steps done (Jordan 2024). Left out: it stays',
        ),
    })
    .optional()
    .describe(
      'Every so many steps slow weights go a part of the way to the weights, which begin anew from there (Zhang et al. 2019). Validated and ' +
        'saved are the weights',
    ),
  weightAverage: z
    .strictObject({
      decay: beta(0.999).describe(
        'Part of the average that step t keeps; at most (1 + t) / (10 + t), and the first step keeps nothing',
      ),
    })
    .optional()
    .describe(
      'The exponential average of the weights, running statistics included, is what is validated, tested and saved as the best and the ' +
        'last; a checkpoint holds both',
    ),
  schedule: schedule
    .default({ type: 'constant', warmupEpochs: 0 })
    .describe('How the learning rate moves, from step to step'),
};

/** Of an optimizer that may keep a velocity. */
const momentum = finite.min(0).lt(1).default(0);
const coupledDecay = finite.min(0).default(0).describe('Times the weight, added to its gradient');
const decoupledDecay = finite
  .min(0)
  .describe('Times the learning rate: the part of each weight that a step takes away');

const betas = {
  beta1: beta(0.9).describe('Part of the first moment, the mean gradient, that a step keeps'),
  beta2: beta(0.999).describe('Part of the second moment, the mean squared gradient, that a step keeps'),
  epsilon: finite
    .min(1e-30)
    .default(1e-8)
    .describe(
      "Added to the second moment's root, which divides: what a gradient has to exceed to count in full",
    ),
};

const descent = {
  momentum: momentum.describe("As PyTorch's SGD, without dampening"),
  nesterov: z.boolean().default(false).describe('Look ahead along the momentum (Sutskever et al. 2013)'),
};
const hasMomentum = (o: { readonly nesterov: boolean; readonly momentum: number }) =>
  !o.nesterov || o.momentum > 0;
const needsMomentum = { message: 'nesterov needs a momentum above 0', path: ['nesterov'] };

export const optimizer = z.discriminatedUnion('type', [
  z
    .strictObject({
      // Where a config names no optimizer, it is this one. `optional` lets the union find it, `default` names it.
      type: z.literal('sgd').optional().default('sgd'),
      ...rate,
      ...descent,
      weightDecay: coupledDecay,
      ...common,
    })
    .refine(hasMomentum, needsMomentum)
    .describe('Stochastic gradient descent'),
  z
    .strictObject({
      type: z.literal('sgdw'),
      ...rate,
      ...descent,
      weightDecay: decoupledDecay.default(0),
      ...common,
    })
    .refine(hasMomentum, needsMomentum)
    .describe('SGD with decoupled weight decay (Loshchilov and Hutter 2019)'),
  z
    .strictObject({
      type: z.literal('adam'),
      ...rate,
      ...betas,
      weightDecay: coupledDecay,
      ...common,
    })
    .describe("As PyTorch's Adam (Kingma and Ba 2015)"),
  z
    .strictObject({
      type: z.literal('adamw'),
      ...rate,
      ...betas,
      weightDecay: decoupledDecay.default(0.01),
      ...common,
    })
    .describe("As PyTorch's AdamW (Loshchilov and Hutter 2019)"),
  z
    .strictObject({
      type: z.literal('rmsprop'),
      ...rate,
      smoothing: beta(0.99).describe(
        "Part of the second moment, and of the first where centered, that a step keeps: PyTorch's alpha",
      ),
      epsilon: betas.epsilon,
      momentum: momentum.describe('Part of the velocity that a step keeps'),
      centered: z
        .boolean()
        .default(false)
        .describe('Divide by the deviation of the gradient: the first moment is taken off the second'),
      weightDecay: coupledDecay,
      ...common,
    })
    .describe("As PyTorch's RMSprop (Hinton 2012)"),
  z
    .strictObject({
      type: z.literal('lion'),
      ...rate,
      beta1: beta(0.9).describe('Part of the first moment in the sum whose sign a step follows'),
      beta2: beta(0.99).describe('Part of the first moment, the mean gradient, that a step keeps'),
      weightDecay: decoupledDecay.default(0),
      ...common,
    })
    .describe('Every weight moves by the learning rate, up or down (Chen et al. 2023)'),
]);
