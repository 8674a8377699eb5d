import { z } from 'zod';
import { byte, count, finite, probability } from './schema-numbers.js';

/** The part of a config that says what the dataset is, and what is made of it. */

/** As PyTorch's Normalize has them. */
const fixedNormalization = z.strictObject({
  mean: z.tuple([probability, probability, probability]).describe('Of R, G and B, as values from 0 to 1'),
  deviation: z
    .tuple([finite.positive(), finite.positive(), finite.positive()])
    .describe('What R, G and B are divided by after that'),
});

export const features = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('pixels'),
      width: count.max(4096).describe('Pixels that the image is brought to'),
      height: count.max(4096).describe('Pixels that the image is brought to'),
      normalize: z
        .union([z.enum(['mean', 'channels', 'none']), fixedNormalization])
        .default('mean')
        .describe(
          'After division by 255: minus the mean of all training pixels; minus the mean and divided by the standard deviation of each channel; as is; ' +
            'or by numbers that are given, whatever the images: those that a network was trained with elsewhere.',
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
  z
    .strictObject({
      type: z.literal('values'),
      shape: z
        .array(count.max(1_000_000))
        .min(1)
        .max(3)
        .refine((shape) => shape.length !== 2, {
          message: 'expected [features] or [channels, height, width]',
        })
        .describe('Shape of a sample: [features] or [channels, height, width]'),
    })
    .describe(
      'The float32 values that a dataset of arrays holds, as they are: what normalizes them is done beforehand',
    ),
]);

const fraction = finite.gt(0).lt(1);

/** The system takes no NUL in a path. */
const folder = z
  .string()
  .min(1)
  .regex(/^[^\0]*$/, 'must not hold a NUL character');

/** Of the drawn pictures, in each class: a million in all. */
const drawn = count.max(20_000);

/** Folds of a cross-validation. */
export const mostFolds = 100;

const split = z
  .strictObject({
    seed: z.int().min(0).max(0xffffffff).default(1).describe('Of the choice of images'),
    validation: fraction.default(0.1).describe("Fraction of each class's training images"),
    test: fraction.default(0.1).describe("Fraction of each class's training images"),
    fold: z
      .strictObject({
        index: count.max(mostFolds).describe('Which fold validates, from 1'),
        of: z.int().min(2).max(mostFolds).describe('Number of folds'),
      })
      .refine(({ index, of }) => index <= of, {
        message: 'there are only as many folds as "of" says; the first one is 1',
        path: ['index'],
      })
      .optional()
      .describe(
        'Cross-validation: the training and validation images together are cut into folds, stratified by class; one validates, the others train. Test stays as it is',
      ),
  })
  .refine((s) => s.validation + s.test < 1, {
    message: 'validation and test together must be below 1, since they are parts of train',
    path: ['validation'],
  });

const column = z.string().min(1).optional();

const csv = z.strictObject({
  path: column.describe(
    "Column of the image's path in the folder, its file's name or its id; found by its name if left out",
  ),
  label: column.describe('Column of the label, a number or a name; found by its name if left out'),
  split: column.describe(
    'Column that says train, val or test, if there is one; found by its name if left out',
  ),
  delimiter: z.string().length(1).optional().describe('Between two columns; found by the header if left out'),
});

/** Of a dataset folder, in the order in which they are looked for. */
export const sourceTypes = [
  'lists',
  'cifar10',
  'cifar100',
  'idx',
  'arrays',
  'csv',
  'webdataset',
  'folders',
] as const;
export type SourceType = (typeof sourceTypes)[number];

export const data = z.strictObject({
  dir: folder.describe('Folder of the dataset'),
  source: z
    .enum(['auto', ...sourceTypes])
    .default('auto')
    .describe(
      'What the folder holds; auto: the first of these that fits. lists: train.txt, val.txt, test.txt; cifar10, cifar100: the binary files; ' +
        'idx: files as of MNIST; arrays: train.safetensors, validation.safetensors, test.safetensors; csv: a path and a label a row; webdataset: tar files; folders: one for each class.',
    ),
  split: split.prefault({}).describe('How validation or test is split off train where the dataset has none'),
  csv: csv.prefault({}).describe('The columns of csv files'),
  labels: z.enum(['fine', 'coarse']).default('fine').describe('Which of the two labels of CIFAR-100'),
  generate: z
    .strictObject({
      seed: z.int().min(0).max(0xffffffff).default(1).describe('Of the pictures'),
      trainPerClass: drawn.default(200).describe('Training images of each class'),
      validationPerClass: drawn.default(20).describe('Validation images of each class'),
      testPerClass: drawn.default(20).describe('Test images of each class'),
    })
    .optional()
    .describe(
      'Draw the 50 classes of small pictures into dir where it is missing or empty; other drawn pictures in it are refused',
    ),
  cache: folder.default('data/packed').describe('Folder of the packed datasets'),
  maxPixels: count.default(100_000_000).describe('Images of more pixels are refused'),
  maxImageMemory: count
    .max(65_536)
    .default(1024)
    .describe(
      'Images that take more memory than this to decode, in MiB, are refused: interlaced PNG, progressive JPEG, WebP, GIF, AVIF and values of more than 8 bits are held whole, and so are the pixels of an image whose shorter side is below 8 times the longer one of the features',
    ),
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
