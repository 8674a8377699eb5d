import type { FeaturesConfig } from '../config/schema.js';
import type { PackedDataset } from './dataset.js';
import type { ChannelSums } from './images/image-tasks.js';

/** What is subtracted from, and divides, a channel's x / 255; from the training split's exact sums. */
export function normalizationOf(features: FeaturesConfig, sums: ChannelSums): PackedDataset['normalization'] {
  if (features.type === 'colorHistogram') return { mean: [], deviation: [] };
  switch (features.normalize) {
    case 'none':
      return { mean: [0, 0, 0], deviation: [1, 1, 1] };
    case 'mean': {
      const mean = (sums.sum[0] + sums.sum[1] + sums.sum[2]) / (3 * sums.count) / 255;
      return { mean: [mean, mean, mean], deviation: [1, 1, 1] };
    }
    case 'channels':
      return {
        mean: sums.sum.map((sum) => sum / sums.count / 255),
        deviation: sums.sum.map((sum, c) => deviation(sums.count, sum, sums.squares[c]!) / 255),
      };
  }
}

/** Standard deviation of the population. In integers until the end, as the two products are nearly the same. */
function deviation(count: number, sum: number, squares: number): number {
  const [n, s] = [BigInt(count), BigInt(sum)];
  const scaled = Number(n * BigInt(squares) - s * s);
  // A channel of one value has none; divided by 1 it stays as it is.
  return scaled === 0 ? 255 : Math.sqrt(scaled) / count;
}
