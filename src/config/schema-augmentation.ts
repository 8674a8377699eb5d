import { z } from 'zod';
import { count, finite, probability } from './schema-numbers.js';

/** The part of a config that says what is done to training images at random. */

const always = { probability: probability.default(1).describe('Of an image') };
const half = { probability: probability.default(0.5).describe('Of an image') };

const range = (bound: z.ZodNumber) =>
  z.tuple([bound, bound]).refine(([low, high]) => low <= high, {
    message: 'is [least, largest], and the first is larger than the second',
  });
const degrees = (most: number) => finite.positive().max(most);

const geometry = {
  resizedCrop: z
    .strictObject({
      scale: range(finite.min(0.01).max(1))
        .default([0.08, 1])
        .describe("Least and largest area of the crop, parts of the image's"),
      ratio: range(finite.min(0.1).max(10))
        .default([0.75, 4 / 3])
        .describe('Least and largest width of the crop, in its heights; evenly by the logarithm'),
      ...always,
    })
    .optional()
    .describe(
      "A part of the image, brought to the image's size. As torchvision's RandomResizedCrop: of ten proposals the first that fits in the image, " +
        'else the largest part of the nearest ratio, in the middle',
    ),
  zoom: z
    .strictObject({
      scale: range(finite.min(0.1).max(10)).describe(
        'Least and largest factor; above 1 things become larger',
      ),
      ...always,
    })
    .optional()
    .describe("Larger or smaller, about the image's centre"),
  rotation: z
    .strictObject({ degrees: degrees(180).describe('d: it turns by an angle from -d to d'), ...always })
    .optional()
    .describe("A turn about the image's centre"),
  shear: z
    .strictObject({
      degrees: degrees(80).describe('d: upright lines lean by an angle from -d to d'),
      ...always,
    })
    .optional()
    .describe("Rows are moved sideways, the more the farther they are from the image's centre"),
  translation: z
    .strictObject({
      fraction: finite.positive().max(1).optional().describe("f: of the image's height and width"),
      pixels: finite.positive().max(4096).optional().describe('The same in pixels; one of the two is needed'),
      ...always,
    })
    .refine(({ fraction, pixels }) => (fraction === undefined) !== (pixels === undefined), {
      message: 'needs either fraction or pixels',
    })
    .optional()
    .describe('Moved by a part of a pixel too, from -f to f, down and to the right each'),
};

const moves = {
  crop: z
    .strictObject({
      padding: count.max(256).describe('Pixels around the image; it is moved by at most so many each way'),
      border: z
        .enum(['constant', 'reflect'])
        .default('constant')
        .describe(
          "What is around it. constant: one colour; reflect: the image reflected at its edges, as NumPy's pad reflects it",
        ),
      ...always,
    })
    .optional()
    .describe('A crop of the image with a border around it, as large as the image'),
  flip: z
    .strictObject({
      ...half,
      alternating: z
        .boolean()
        .default(false)
        .describe('Every image in every second epoch; in which of the two is random (Jordan 2024)'),
    })
    .refine((flip) => !flip.alternating || flip.probability === 0.5, {
      message: 'of an alternating flip is 0.5, for it is in every second epoch; leave it out',
      path: ['probability'],
    })
    .optional()
    .describe('Left and right change places'),
  verticalFlip: z.strictObject(half).optional().describe('Top and bottom change places'),
};

const colours = {
  trivialAugment: z
    .strictObject(always)
    .optional()
    .describe(
      'One operation of strength 0 to 30, all equally likely (Müller and Hutter 2021), from the wide space: none, shear along either axis, translation along ' +
        'either axis, rotation, brightness, colour, contrast, posterize, solarize, auto-contrast, equalize. Without sharpness',
    ),
  saturation: z
    .strictObject({
      strength: probability.describe(
        's: the difference from gray, 0.299 R + 0.587 G + 0.114 B, is multiplied by a number from 1 - s to 1 + s',
      ),
      ...always,
    })
    .optional()
    .describe('More or less colour'),
  hue: z
    .strictObject({
      strength: finite.min(0).max(0.5).describe('h: the colours turn by a part of a full turn from -h to h'),
      ...always,
    })
    .optional()
    .describe(
      'Other colours of the same brightness: a turn of the plane of U = 0.492 (B - Y) and V = 0.877 (R - Y), which is that of YIQ',
    ),
  grayscale: z
    .strictObject({ probability: probability.default(0.1).describe('Of an image') })
    .optional()
    .describe('No colour: 0.299 R + 0.587 G + 0.114 B in each channel'),
};

const holes = {
  cutout: z
    .strictObject({
      size: count.max(4096).describe('Side of the square, pixels; its centre lies anywhere in the image'),
      ...always,
    })
    .optional()
    .describe('A square without content (DeVries and Taylor 2017)'),
  erasing: z
    .strictObject({
      scale: range(finite.min(0.001).max(1))
        .default([0.02, 0.33])
        .describe("Least and largest area, parts of the image's"),
      ratio: range(finite.min(0.1).max(10))
        .default([0.3, 3.3])
        .describe('Least and largest height, in its widths; evenly by the logarithm'),
      ...half,
    })
    .optional()
    .describe(
      'A rectangle of noise, each byte uniform (Zhong et al. 2020); none where ten proposals are too large',
    ),
};

const levels = {
  brightness: z
    .strictObject({
      strength: probability.describe('s: the values are multiplied by a number from 1 - s to 1 + s'),
      ...always,
    })
    .optional()
    .describe('Brighter or darker'),
  contrast: z
    .strictObject({
      strength: probability.describe(
        "s: the values' distance from mid-gray is multiplied by a number from 1 - s to 1 + s",
      ),
      ...always,
    })
    .optional()
    .describe('More or less contrast; values are clipped once, after brightness and contrast'),
};

const mixtures = {
  cutmix: z
    .strictObject({
      alpha: finite
        .min(0.05)
        .max(2)
        .default(1)
        .describe('The area that stays is drawn from Beta(alpha, alpha); what lies in the image counts'),
      ...always,
    })
    .optional()
    .describe(
      'A rectangle of another image of the batch is pasted in, and the labels are mixed by its area (Yun et al. 2019). It has the brightness and ' +
        'contrast of the image that it is pasted into',
    ),
  mixup: z
    .strictObject({
      alpha: finite.min(0.05).max(2).describe('The shares are drawn from Beta(alpha, alpha)'),
      ...always,
    })
    .optional()
    .describe(
      'Each image and its label are mixed with those of another image of the batch (Zhang et al. 2018). Beside cutmix, either has half of the images',
    ),
};

const augmentations = { ...geometry, ...moves, ...colours, ...holes, ...levels, ...mixtures };

/** What is resampled sees beyond the image's border, where there is one colour. */
function checkBorder(
  found: { readonly crop?: { readonly border: string } | undefined },
  context: z.RefinementCtx,
): void {
  const other = [...Object.keys(geometry), 'trivialAugment'].find((name) => name in found);
  if (found.crop?.border !== 'reflect' || other === undefined) return;
  const message = `it goes with flips, not with ${other}, which sees one colour beyond the image`;
  context.addIssue({ code: 'custom', path: ['crop', 'border'], message });
}

export const augmentation = z
  .strictObject(augmentations)
  .superRefine(checkBorder)
  .describe(
    'What is done to training images at random, in this order: resizedCrop, zoom, rotation, shear, translation, trivialAugment where it moves, crop, ' +
      'flip, verticalFlip; trivialAugment of colours, saturation, hue, grayscale; cutout, erasing; brightness, contrast; cutmix or mixup. ' +
      'What moves is one resampling, bilinear; crop and flips alone are exact. ' +
      'A border of one colour, and cutout, have the mean colour of the training images where features.normalize knows it, else black',
  );

export type AugmentationConfig = z.output<typeof augmentation>;
