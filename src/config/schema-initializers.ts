import { z } from 'zod';
import { count, finite } from './schema-numbers.js';

/** The part of a config that says what parameters are before the first step. */

/** Of any parameter. */
export const initializer = z.discriminatedUnion('type', [
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
      type: z.literal('truncatedNormal'),
      mean: finite.default(0).describe('Mean'),
      deviation: finite.min(0).describe('Standard deviation, before the ends are cut off'),
      low: finite.min(-6).max(6).default(-2).describe('Lower bound, in deviations from the mean'),
      high: finite.min(-6).max(6).default(2).describe('Upper bound, likewise'),
    })
    .refine((range) => range.low < range.high, { message: 'low must be below high', path: ['low'] })
    .describe("N(mean, deviation) within bounds; PyTorch's trunc_normal_ has its bounds as values"),
  z
    .strictObject({ type: z.literal('constant'), value: finite.describe('The value') })
    .describe('All one value'),
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

const orthogonal = z
  .strictObject({
    type: z.literal('orthogonal'),
    gain: finite.positive().default(1).describe('Factor of all values'),
  })
  .describe(
    "Saxe et al. 2014, as PyTorch's orthogonal_: the outputs' weights are orthogonal to each other, and of length gain; where there are more " +
      'outputs than weights of one, the columns are',
  );

/** Of a filter: what needs its rows and columns too. */
export const filterInitializer = z.discriminatedUnion('type', [...initializer.options, orthogonal]);

/** Of a convolution's filter. */
export const convInitializer = z.discriminatedUnion('type', [
  ...filterInitializer.options,
  z
    .strictObject({
      type: z.literal('dirac'),
      groups: count.default(1).describe('Into how many groups the outputs are cut, a divisor of outChannels'),
      others: filterInitializer
        .default({ type: 'zeros' })
        .describe('Of the outputs that pass no channel on, drawn as for all'),
    })
    .describe(
      "Zagoruyko and Komodakis 2017, as PyTorch's dirac_: in each group, as many outputs as can pass a channel on as it is",
    ),
  z
    .strictObject({
      type: z.literal('whitening'),
      images: count
        .max(1_000_000)
        .default(5000)
        .describe(
          'Training images whose patches it is made from, evenly spread over the split; all where there are fewer',
        ),
      epsilon: finite.positive().default(5e-4).describe('Added to the eigenvalues'),
    })
    .describe(
      "Of a convolution that reads the image: filters that make the training images' patches uncorrelated, eigenvectors of the mean of " +
        'patch * transposed patch by their eigenvalue, each over sqrt(eigenvalue + epsilon), then their negatives (Jordan 2024, airbench); ' +
        'outChannels is twice the values of a patch. It is trained like others unless training.freeze names it',
    ),
]);
export type InitializerConfig = z.output<typeof convInitializer>;
