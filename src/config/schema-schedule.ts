import { z } from 'zod';
import { count, finite, probability } from './schema-numbers.js';

/** The part of a config that says how the learning rate moves. */

/** What a validation is judged by. */
export const metric = z.enum(['top1', 'loss', 'balancedTop1']);

const warmupEpochs = finite
  .min(0)
  .default(0)
  .describe('Epochs in which the rate rises from 0 in a straight line');
const finalFactor = finite.min(0).max(1).default(0);
const lastStep = finalFactor.describe('Part of learningRate that the last step would have');
const reduction = finite.positive().max(1).describe('What it is multiplied by');

export const schedule = z.discriminatedUnion('type', [
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
