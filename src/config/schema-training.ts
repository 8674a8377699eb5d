import { z } from 'zod';
import { augmentation } from './schema-augmentation.js';
import { ownCode } from './schema-custom.js';
import { count, finite, probability } from './schema-numbers.js';

/** The parts of a config that say how the network is trained: loss, optimizer, batches. */

const warmupEpochs = finite
  .min(0)
  .default(0)
  .describe('Epochs in which the rate rises from 0 in a straight line');
const finalFactor = finite.min(0).max(1).default(0);
const lastStep = finalFactor.describe('Part of learningRate that the last step would have');
const reduction = finite.positive().max(1).describe('What it is multiplied by');

/** What a validation is judged by. */
const metric = z.enum(['top1', 'loss', 'balancedTop1']);

const schedule = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('constant'), warmupEpochs }).describe('learningRate in every step'),
  z
    .strictObject({ type: z.literal('linear'), warmupEpochs, finalFactor: lastStep })
    .describe('In a straight line from learningRate down, from step to step'),
  z
    .strictObject({ type: z.literal('cosine'), warmupEpochs, finalFactor: lastStep })
    .describe('Half a wave of the cosine from learningRate down (Loshchilov and Hutter 2017)'),
  z
    .strictObject({
      type: z.literal('cosineRestarts'),
      warmupEpochs,
      finalFactor: finalFactor.describe('Part of learningRate at the end of a wave'),
      firstEpochs: count.describe('Epochs of the first wave'),
      growth: count.max(1000).default(1).describe('Length of a wave, in lengths of the one before'),
    })
    .describe('Half waves of the cosine, each from learningRate down (Loshchilov and Hutter 2017)'),
  z
    .strictObject({
      type: z.literal('oneCycle'),
      riseFraction: finite
        .positive()
        .max(1)
        .default(0.3)
        .describe('Part of the steps in which it rises to learningRate'),
      initialFactor: finite.min(0).max(1).default(0.04).describe('Part of learningRate in the first step'),
      finalFactor: finite.min(0).max(1).default(4e-6).describe('Part of learningRate in the last step'),
    })
    .describe(
      "Half a wave up and half a wave down, as PyTorch's OneCycleLR (Smith and Topin 2018); momentum stays as it is",
    ),
  z
    .strictObject({
      type: z.literal('step'),
      warmupEpochs,
      everyEpochs: count.describe('Epochs between two changes'),
      factor: reduction.default(0.1),
    })
    .describe('Smaller by a factor every so many epochs'),
  z
    .strictObject({
      type: z.literal('milestones'),
      warmupEpochs,
      epochs: z.array(count).min(1).describe('Epochs after which it is smaller'),
      factor: reduction.default(0.1),
    })
    .describe('Smaller by a factor after each of these epochs'),
  z
    .strictObject({ type: z.literal('exponential'), warmupEpochs, factor: reduction })
    .describe('Smaller by a factor after every epoch'),
  z
    .strictObject({
      type: z.literal('reduceOnPlateau'),
      warmupEpochs,
      metric: metric.default('loss').describe('Of the validation, as training.bestBy has it'),
      factor: reduction.default(0.1),
      patience: z.int().min(0).default(10).describe('Epochs without a gain that pass before it is smaller'),
      threshold: probability.default(1e-4).describe('Least gain that counts, relative to the best value'),
      cooldownEpochs: z
        .int()
        .min(0)
        .default(0)
        .describe('Epochs after a change that do not count as without a gain'),
      minFactor: finite.min(0).max(1).default(0).describe('Least part of learningRate'),
    })
    .describe("Smaller by a factor when validation gets no better, as PyTorch's ReduceLROnPlateau"),
]);

/** Layers by name. */
const layerPattern = z
  .string()
  .min(1)
  .describe('Name of a layer with parameters, or a pattern of names: * stands for any letters');

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

/** What every loss has. */
const weighing = {
  reduction: z
    .enum(['mean', 'sum'])
    .default('mean')
    .describe("Over a batch's samples, for the gradient; the loss that is reported is always the mean"),
  classWeights: z
    .union([z.enum(['none', 'balanced']), z.array(finite.min(0).max(1e30)).min(2)])
    .default('none')
    .describe(
      'What a sample counts, by its class: a number a class, or "balanced": N / (classes * N[class]), N the training ' +
        'samples. A mean then divides by the sum of the weights. Evaluations count every sample once, without smoothing',
    ),
};

export const loss = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('crossEntropy'),
      ...weighing,
      labelSmoothing: finite
        .min(0)
        .lt(1)
        .default(0)
        .describe('Part of the target that is spread over all classes evenly (Szegedy et al. 2016)'),
    })
    .describe('Softmax and cross entropy'),
  z
    .strictObject({ type: z.literal('custom'), ...ownCode, ...weighing })
    .describe(
      "An own loss: a module's function of a sample's logits and label (docs/own-layers.md). Of mixed images it is the mean of both labels' by their shares",
    ),
]);

export const training = z.strictObject({
  batchSize: count.max(65536).describe('Samples of a step; the last of an epoch may have fewer'),
  epochs: count.max(1_000_000).describe('Passes over the training split'),
  init: z
    .string()
    .min(1)
    .optional()
    .describe(
      'What the weights start from, in place of the initializers: a safetensors file, or the directory of a run, whose best weights it then is. ' +
        'Layers are taken whose names and shapes fit, running statistics too; of the layers that give the logits, the rows of classes of the same name',
    ),
  freeze: z
    .array(layerPattern)
    .default([])
    .describe(
      'Layers that are not trained: no work is done for their gradients, nor below the lowest trained layer. A frozen batch norm takes its ' +
        'running statistics in training too, and leaves them as they are',
    ),
  sampler: z
    .enum(['shuffled', 'sequential', 'balanced'])
    .default('shuffled')
    .describe(
      "An epoch's samples: all in an order of its own; all in the dataset's order; or as many, with every class " +
        'equally often and the samples of a class in turn',
    ),
  augmentation: augmentation.default({}),
  bestBy: metric
    .default('top1')
    .describe(
      'Metric of the validation by which the best weights are chosen; of two epochs with the same one the smaller loss counts, then the ' +
        'earlier epoch. balancedTop1 is the mean of the recalls of the classes that have validation images',
    ),
  earlyStopping: z
    .strictObject({
      metric: metric.optional().describe('Of the validation; left out, that of training.bestBy'),
      patience: count.default(10).describe('Epochs in a row without a gain after which the training ends'),
      minDelta: finite
        .min(0)
        .default(0)
        .describe('A gain is more than this: a fraction of 1, of the loss nats per sample'),
      restoreBest: z
        .boolean()
        .default(false)
        .describe(
          'Whether the final model is the best weights, by bestBy, in place of the last: also where no epoch was left out',
        ),
    })
    .optional()
    .describe('Ends the training when validation gets no better; the run is a finished one'),
});
