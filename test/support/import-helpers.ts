import { buildNetwork } from '#lockstep/graph/network.js';
import { Classifier } from '#lockstep/inference/classifier.js';
import { lanes } from '#lockstep/kernels/kernels.js';
import type { ImportedModel } from '#lockstep/onnx/import/import.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { bytesOf } from '#lockstep/tensors/safetensors.js';
import { layersConfig } from './engine-helpers.js';

/**
 * What an imported network makes of at most 8 normalized samples, `[samples, classes]`.
 * @param shape of a sample
 * @param samples `[samples, ...shape]`
 */
export function importedLogits(
  { layers, weights }: Pick<ImportedModel, 'layers' | 'weights'>,
  shape: readonly number[],
  samples: Float32Array,
): Float32Array {
  const network = buildNetwork(layersConfig(layers).model.layers, shape);
  const normalization = { mean: [], deviation: [] };
  const format = { sampleType: 'float32', sampleShape: shape, normalization } as const;
  const classifier = new Classifier(network, format, compileKernels().kernels);
  classifier.setWeights(network.weights.map(({ name }) => weights.get(name)!.values));
  const bytes = bytesOf(samples);
  const size = classifier.sample(0).length;
  const count = Math.min(lanes, bytes.length / size);
  for (let lane = 0; lane < count; lane++)
    classifier.sample(lane).set(bytes.subarray(lane * size, (lane + 1) * size));
  classifier.run();
  return Float32Array.from(classifier.logits(count).flatMap((logits) => [...logits]));
}

/** For files that have all their tensors in themselves. */
export const noOtherFile = (): never => {
  throw new Error('another file is read');
};
