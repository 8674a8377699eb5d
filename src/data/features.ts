import type { FeaturesConfig } from '../config/schema.js';
import { bytesOfSample } from './dataset.js';

/** Type, shape and size of a sample, by the config's features. */

export function sampleType(features: FeaturesConfig): 'uint8' | 'float32' {
  return features.type === 'pixels' ? 'uint8' : 'float32';
}

/** `[3, height, width]` for pixels, `[3 * bins]` for histograms. */
export function sampleShape(features: FeaturesConfig): number[] {
  return features.type === 'pixels' ? [3, features.height, features.width] : [3 * features.bins];
}

export function sampleBytes(features: FeaturesConfig): number {
  return bytesOfSample({ sampleType: sampleType(features), sampleShape: sampleShape(features) });
}
