import type { SampleFormat } from '../data/dataset.js';
import { sizeOf } from '../graph/shape.js';
import { groupBytes, type Kernels } from '../kernels/kernels.js';

/**
 * Calls that make 8 samples, a lane each, the network's input: values as they are, bytes channel by channel, normalised.
 * @param samples address of 8 addresses (u32) of samples' bytes; kernels read a vector more than a sample has
 * @param input address of the network's input, lane groups
 */
export function bindSamples(
  kernels: Kernels,
  format: SampleFormat,
  samples: number,
  input: number,
): readonly (() => void)[] {
  if (format.sampleType === 'float32') {
    return [kernels.gatherFloats.bind(undefined, samples, sizeOf(format.sampleShape), input)];
  }
  return channelsOf(format).map(({ offset, pixels, scale, shift }) =>
    kernels.gatherBytes.bind(undefined, samples, offset, pixels, scale, shift, input + offset * groupBytes),
  );
}

/** Per channel: its first byte in a sample, its pixels, and what normalizes a byte. */
export function channelsOf({ sampleShape: [channels, height, width], normalization }: SampleFormat) {
  const pixels = height! * width!;
  return Array.from({ length: channels! }, (_, c) => {
    const deviation = normalization.deviation[c]!;
    const shift = -normalization.mean[c]! / deviation;
    return { offset: c * pixels, pixels, scale: 1 / (255 * deviation), shift };
  });
}
