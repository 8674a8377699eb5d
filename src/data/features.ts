import type { DataConfig, FeaturesConfig } from '../config/schema.js';
import { bytesOfSample } from './dataset.js';
import { dataError } from './faults.js';
import type { Source } from './source.js';

/** Type, shape and size of a sample, by the config's features. */

export function sampleType(features: FeaturesConfig): 'uint8' | 'float32' {
  return features.type === 'pixels' ? 'uint8' : 'float32';
}

/** `[3, height, width]` for pixels, `[3 * bins]` for histograms, and what values say of themselves. */
export function sampleShape(features: FeaturesConfig): number[] {
  switch (features.type) {
    case 'pixels':
      return [3, features.height, features.width];
    case 'colorHistogram':
      return [3 * features.bins];
    case 'values':
      return features.shape;
  }
}

export function sampleBytes(features: FeaturesConfig): number {
  return bytesOfSample({ sampleType: sampleType(features), sampleShape: sampleShape(features) });
}

/** Features that are made of images. */
export type ImageFeatures = Exclude<FeaturesConfig, { type: 'values' }>;

/** Whether a sample is float32 values of the dataset's own. */
export const areValues = (
  features: FeaturesConfig,
): features is Extract<FeaturesConfig, { type: 'values' }> => features.type === 'values';

/**
 * @throws UserError (exit code data) where the features cannot be made of what the dataset holds: images, or values of some shape
 */
export function requireSuiting(
  { features }: Pick<DataConfig, 'features'>,
  { dir, encoding }: Pick<Source, 'dir' | 'encoding'>,
): void {
  const shape = encoding.type === 'values' ? encoding.shape : undefined;
  const wanted = areValues(features) ? features.shape : undefined;
  if (String(shape) === String(wanted)) return;
  const found =
    shape === undefined
      ? 'images'
      : `values, float32 [${shape.join(', ')}] a sample, which are taken as they are`;
  const advice =
    shape === undefined
      ? 'set it to pixels or colorHistogram'
      : `set it to { "type": "values", "shape": [${shape.join(', ')}] }`;
  const has = wanted === undefined ? features.type : `values of shape [${wanted.join(', ')}]`;
  throw dataError(`${dir}: holds ${found}, and data.features is ${has}; ${advice}.`);
}
