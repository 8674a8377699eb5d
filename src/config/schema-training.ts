import { z } from 'zod';
import { augmentation } from './schema-augmentation.js';
import { ownCode } from './schema-custom.js';
import { count, finite } from './schema-numbers.js';
import { metric } from './schema-schedule.js';

/** The parts of a config that say what is trained for, and on what: the loss, mini-batches, augmentation. */

/** Layers by name. */
const layerPattern = z
  .string()
  .min(1)
  .describe('Name of a layer with parameters, or a pattern of names: * stands for any letters');
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
