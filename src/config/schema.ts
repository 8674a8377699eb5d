import { z } from 'zod';
import { activationTypes } from './activations.js';

/**
 * The schema of a config file: one JSON document that says everything about a run.
 *
 * Every default stands here and is written, filled in, to the run's `config.json`.
 * `z.toJSONSchema` of it is what editors read (`dist/config.schema.json`).
 */

const count = z.int().positive();
const size = z.int().min(0);
const finite = z.number();
const byte = z.int().min(0).max(255);

/** `n` or `[height, width]`, as PyTorch takes them. */
const pair = (of: z.ZodType<number>) => z.union([of, z.tuple([of, of])]);

const initializer = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('zeros') }).describe('All 0'),
  z
    .strictObject({
      type: z.literal('uniform'),
      low: finite.describe('Lower bound'),
      high: finite.describe('Upper bound'),
    })
    .refine((range) => range.low <= range.high, { message: 'low must not exceed high', path: ['low'] })
    .describe('U(low, high)'),
  z
    .strictObject({
      type: z.literal('normal'),
      mean: finite.default(0).describe('Mean'),
      deviation: finite.min(0).describe('Standard deviation'),
    })
    .describe('N(mean, deviation), the second a standard deviation'),
  z
    .strictObject({
      type: z.enum([
        'xavierUniform',
        'xavierNormal',
        'heUniform',
        'heNormal',
        'lecunUniform',
        'lecunNormal',
        'channelNormal',
        'inputUniform',
      ]),
      gain: finite.positive().default(1).describe('Factor of the bound or deviation'),
    })
    .describe(
      'Glorot and Bengio 2010, He et al. 2015, LeCun et al. 1998. channelNormal: N(0, gain * sqrt(2 / C)), C the ' +
        "layer's input channels (dense: features). inputUniform: U(-gain / sqrt(D), gain / sqrt(D)), D the size of the network's input.",
    ),
]);

const parameterized = {
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'must be letters, digits and underscores, a letter first')
    .optional()
    .describe('Name of the parameters in saved files; default conv1, conv2, ..., fc1, fc2, ...'),
  weightInit: initializer.optional().describe("Default: the model's weightInit"),
  biasInit: initializer.optional().describe("Default: the model's biasInit"),
};

const layer = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('conv2d'),
      outChannels: count.describe('Channels that it gives'),
      kernelSize: pair(count).describe('Height and width of the kernel'),
      stride: pair(count).default(1).describe('Step of the kernel down and across'),
      padding: pair(size).default(0).describe('Zeros on both sides of the height and of the width'),
      ...parameterized,
    })
    .describe('Convolution (cross-correlation, as in PyTorch) with a bias. Sizes: n or [height, width]'),
  z
    .strictObject({
      type: z.literal('dense'),
      outFeatures: count.describe('Values that it gives; of the last layer, the number of classes'),
      ...parameterized,
    })
    .describe('Fully connected layer with a bias'),
  z
    .strictObject({
      type: z.enum(['maxPool', 'averagePool']),
      window: pair(count).describe('Height and width of the window'),
      stride: pair(count).optional().describe('Default: the window'),
    })
    .describe('Rows and columns that fill no whole window are left out'),
  z
    .strictObject({
      type: z.literal('zeroPad'),
      top: size.default(0).describe('Rows above'),
      right: size.default(0).describe('Columns to the right'),
      bottom: size.default(0).describe('Rows below'),
      left: size.default(0).describe('Columns to the left'),
    })
    .describe('Rows and columns of zeros around the image'),
  z
    .strictObject({ type: z.literal('flatten') })
    .describe('From [channels, height, width] to a vector, in this order'),
  z.strictObject({ type: z.enum(activationTypes) }).describe('Elementwise; silu is x * sigmoid(x)'),
  z
    .strictObject({
      type: z.literal('dropout'),
      rate: finite.min(0).lt(1).describe('Probability that a value is dropped'),
    })
    .describe('While training, sets values to 0 and divides the others by 1 - rate'),
]);

const model = z.strictObject({
  weightInit: initializer.default({ type: 'heNormal', gain: 1 }).describe('For layers that name none'),
  biasInit: initializer.default({ type: 'zeros' }).describe('For layers that name none'),
  layers: z.array(layer).min(1).describe('From input to output; the softmax is part of the loss'),
});

const features = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('pixels'),
      width: count.max(4096).describe('Pixels that the image is brought to'),
      height: count.max(4096).describe('Pixels that the image is brought to'),
      normalize: z
        .enum(['mean', 'channels', 'none'])
        .default('mean')
        .describe(
          'After division by 255: minus the mean of all training pixels; minus the mean and divided by the standard deviation of each channel; or as is.',
        ),
    })
    .describe('The image at this size, as [3, height, width]'),
  z
    .strictObject({
      type: z.literal('colorHistogram'),
      width: count.max(4096).default(64).describe('Pixels that the image is brought to'),
      height: count.max(4096).default(64).describe('Pixels that the image is brought to'),
      bins: z.literal([2, 4, 8, 16, 32, 64, 128, 256]).default(64).describe('Bins of each channel'),
    })
    .describe('The image at this size; for each channel a histogram of its values, scaled to L2 norm 1'),
]);

const fraction = finite.gt(0).lt(1);

const split = z
  .strictObject({
    seed: z.int().min(0).max(0xffffffff).default(1).describe('Of the choice of images'),
    validation: fraction.default(0.1).describe("Fraction of each class's training images"),
    test: fraction.default(0.1).describe("Fraction of each class's training images"),
  })
  .refine((s) => s.validation + s.test < 1, {
    message: 'validation and test together must be below 1, since they are parts of train',
    path: ['validation'],
  });

const csv = z.strictObject({
  path: z.string().min(1).default('path').describe("Column of the image's path in the folder"),
  label: z.string().min(1).default('label').describe('Column of the label, a number or a name'),
  split: z.string().min(1).default('split').describe('Column that says train, val or test, if there is one'),
  delimiter: z.string().length(1).default(',').describe('Between two columns'),
});

/** Of a dataset folder, in the order in which they are looked for. */
export const sourceTypes = ['lists', 'cifar10', 'cifar100', 'idx', 'csv', 'webdataset', 'folders'] as const;
export type SourceType = (typeof sourceTypes)[number];

const data = z.strictObject({
  dir: z.string().min(1).describe('Folder of the dataset'),
  source: z
    .enum(['auto', ...sourceTypes])
    .default('auto')
    .describe(
      'What the folder holds; auto: the first of these that fits. lists: train.txt, val.txt, test.txt; cifar10, cifar100: the binary files; ' +
        'idx: files as of MNIST; csv: a path and a label a row; webdataset: tar files; folders: one for each class.',
    ),
  split: split.prefault({}).describe('How validation or test is split off train where the dataset has none'),
  csv: csv.prefault({}).describe('The columns of csv files'),
  labels: z.enum(['fine', 'coarse']).default('fine').describe('Which of the two labels of CIFAR-100'),
  generate: z
    .strictObject({
      seed: z.int().min(0).max(0xffffffff).default(1).describe('Of the pictures'),
      trainPerClass: count.default(200).describe('Training images of each class'),
      validationPerClass: count.default(20).describe('Validation images of each class'),
      testPerClass: count.default(20).describe('Test images of each class'),
    })
    .optional()
    .describe('Draw the 50 classes of small pictures into dir when it is not there yet'),
  cache: z.string().min(1).default('data/packed').describe('Folder of the packed datasets'),
  maxPixels: count.default(100_000_000).describe('Images of more pixels are refused'),
  background: z
    .tuple([byte, byte, byte])
    .default([255, 255, 255])
    .describe('Red, green and blue, 0 to 255, of what shows through where an image is transparent'),
  skipBadImages: z
    .boolean()
    .default(false)
    .describe('Leave broken images out, and record them, where otherwise they stop the run'),
  features: features.describe('What the network sees of an image'),
});

const probability = finite.min(0).max(1);

const augmentation = z
  .strictObject({
    crop: z
      .strictObject({
        padding: count.max(256).describe('Pixels around the image; it is moved by at most so many each way'),
        probability: probability.default(1).describe('Of an image'),
      })
      .optional()
      .describe('A crop of the image with a border around it, as large as the image'),
    flip: z
      .strictObject({ probability: probability.default(0.5).describe('Of an image') })
      .optional()
      .describe('Left and right change places'),
    cutout: z
      .strictObject({
        size: count.max(4096).describe('Side of the square, pixels; its centre lies anywhere in the image'),
        probability: probability.default(1).describe('Of an image'),
      })
      .optional()
      .describe('A square without content (DeVries and Taylor 2017)'),
    brightness: z
      .strictObject({
        strength: probability.describe('s: the values are multiplied by a number from 1 - s to 1 + s'),
        probability: probability.default(1).describe('Of an image'),
      })
      .optional()
      .describe('Brighter or darker'),
    contrast: z
      .strictObject({
        strength: probability.describe(
          "s: the values' distance from mid-gray is multiplied by a number from 1 - s to 1 + s",
        ),
        probability: probability.default(1).describe('Of an image'),
      })
      .optional()
      .describe('More or less contrast'),
    mixup: z
      .strictObject({
        alpha: finite.min(0.05).max(2).describe('The shares are drawn from Beta(alpha, alpha)'),
        probability: probability.default(1).describe('Of an image'),
      })
      .optional()
      .describe(
        'Each image and its label are mixed with those of another image of the batch (Zhang et al. 2018)',
      ),
  })
  .describe(
    'What is done to training images at random, in this order: crop, flip, cutout, brightness, contrast, mixup. ' +
      'Border and cutout have the mean colour of the training images where features.normalize knows it, else black',
  );

const schedule = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('constant') }).describe('learningRate in every step'),
  z
    .strictObject({
      type: z.literal('cosine'),
      warmupEpochs: finite.min(0).default(0).describe('Epochs in which it rises from 0 in a straight line'),
      finalFactor: finite
        .min(0)
        .max(1)
        .default(0)
        .describe('Part of learningRate that the last step would have'),
    })
    .describe('Half a wave of the cosine from learningRate down (Loshchilov and Hutter 2017)'),
  z
    .strictObject({
      type: z.literal('step'),
      everyEpochs: count.describe('Epochs between two changes'),
      factor: finite.positive().max(1).default(0.1).describe('What it is multiplied by'),
    })
    .describe('Smaller by a factor every so many epochs'),
]);

const optimizer = z
  .strictObject({
    type: z.literal('sgd'),
    learningRate: finite
      .positive()
      .describe('Step size: on the mean over the batch, or on its sum, as loss.reduction says'),
    momentum: finite.min(0).lt(1).default(0).describe("As PyTorch's SGD, without dampening"),
    nesterov: z.boolean().default(false).describe('Look ahead along the momentum (Sutskever et al. 2013)'),
    weightDecay: finite.min(0).default(0).describe('Times the weight, added to its gradient'),
    schedule: schedule
      .default({ type: 'constant' })
      .describe('How the learning rate moves, from step to step'),
  })
  .refine((o) => !o.nesterov || o.momentum > 0, {
    message: 'nesterov needs a momentum above 0',
    path: ['nesterov'],
  });

export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('Where an editor finds this schema'),
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      'must be 1 to 64 letters, digits, dots, dashes or underscores',
    )
    .describe("Of the run: the start of its directory's name"),
  seed: z.int().min(0).max(0xffffffff).default(1).describe('Of every random number of the training'),
  data: data.describe('The dataset, and what is made of it'),
  model: model.describe('The network'),
  loss: z.strictObject({
    type: z.literal('crossEntropy'),
    reduction: z
      .enum(['mean', 'sum'])
      .default('mean')
      .describe("Over a batch's samples, for the gradient; the loss that is reported is always the mean"),
    labelSmoothing: finite
      .min(0)
      .lt(1)
      .default(0)
      .describe('Part of the target that is spread over all classes evenly (Szegedy et al. 2016)'),
    classWeights: z
      .union([z.enum(['none', 'balanced']), z.array(finite.min(0).max(1e30)).min(2)])
      .default('none')
      .describe(
        'What a sample counts, by its class: a number a class, or "balanced": N / (classes * N[class]), N the training ' +
          'samples. A mean then divides by the sum of the weights. Evaluations count every sample once, without smoothing',
      ),
  }),
  optimizer: optimizer.describe('How the weights move'),
  training: z.strictObject({
    batchSize: count.max(65536).describe('Samples of a step; the last of an epoch may have fewer'),
    epochs: count.max(1_000_000).describe('Passes over the training split'),
    init: z
      .string()
      .min(1)
      .optional()
      .describe('Safetensors file of weights to start from, in place of the initializers'),
    sampler: z
      .enum(['shuffled', 'sequential', 'balanced'])
      .default('shuffled')
      .describe(
        "An epoch's samples: all in an order of its own; all in the dataset's order; or as many, with every class " +
          'equally often and the samples of a class in turn',
      ),
    augmentation: augmentation.default({}),
  }),
});

/** A config as a file holds it: defaults may be left out. */
export type ConfigInput = z.input<typeof configSchema>;
/** A config complete with defaults. */
export type Config = z.output<typeof configSchema>;
export type DataConfig = Config['data'];
export type FeaturesConfig = DataConfig['features'];
export type GenerateConfig = NonNullable<DataConfig['generate']>;
export type AugmentationConfig = Config['training']['augmentation'];
export type SamplerType = Config['training']['sampler'];
export type LayerConfig = Config['model']['layers'][number];
export type LayerType = LayerConfig['type'];
export type Initializer = z.output<typeof initializer>;
