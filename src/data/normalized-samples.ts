import { bytesOfSample, type PackedDataset } from './dataset.js';
import type { PackedFile } from './packed/packed-file.js';

/**
 * At most `count` samples of the training split, evenly spread over it (in many datasets its first ones are all of one class), as the network
 * sees them: float64, normalized. Each takes the place of the one before.
 */
export function* normalizedSamples(
  file: PackedFile,
  dataset: PackedDataset,
  count: number,
): Generator<Float64Array> {
  const { sampleType, sampleShape, normalization, splits } = dataset;
  const bytes = new Uint8Array(bytesOfSample(dataset));
  const values = sampleType === 'uint8' ? bytes : new Float32Array(bytes.buffer);
  const sample = new Float64Array(values.length);
  const plane = values.length / sampleShape[0]!;
  const { mean, deviation } = normalization;
  const taken = Math.min(count, splits.train.samples);
  for (let i = 0; i < taken; i++) {
    file.readSamples('train', Math.floor((i * splits.train.samples) / taken), 1, bytes);
    for (let k = 0; k < sample.length; k++) {
      const c = Math.floor(k / plane);
      sample[k] = sampleType === 'uint8' ? (values[k]! / 255 - mean[c]!) / deviation[c]! : values[k]!;
    }
    yield sample;
  }
}
