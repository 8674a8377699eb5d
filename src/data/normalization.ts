import type { FeaturesConfig } from '../config/schema.js';
import type { PackedDataset } from './dataset.js';
import type { PixelSums } from './pixel-sums.js';

/** What is subtracted from, and divides, a channel's x / 255; from the training split's exact sums. */
export function normalizationOf(features: FeaturesConfig, sums: PixelSums): PackedDataset['normalization'] {
  const moments = sums.moments();
  if (features.type === 'colorHistogram') return { mean: [], deviation: [] };
  if (features.normalize === 'none' || moments === undefined)
    return { mean: [0, 0, 0], deviation: [1, 1, 1] };
  if (features.normalize === 'mean') {
    const mean = sums.meanOfAll();
    return { mean: [mean, mean, mean], deviation: [1, 1, 1] };
  }
  const { mean, deviation } = moments;
  // A channel of one value has none; divided by 1 it stays as it is.
  return { mean, deviation: deviation.map((value) => (value === 0 ? 1 : value)) };
}
