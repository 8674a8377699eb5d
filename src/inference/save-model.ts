import type { SampleFormat } from '../data/dataset.js';
import { resizeFilters } from '../data/images/resample.js';
import { tensorOf } from '../runs/weights.js';
import { writeSealed } from '../tensors/sealed.js';
import type { TrainedModel } from './trained-model.js';

/** A model to save: one that was imported may not say how its pixels are normalized. */
export interface SavedModel extends Omit<TrainedModel, 'format' | 'path'> {
  readonly format: { readonly normalization: SampleFormat['normalization'] | undefined };
}

/** Writes a model's weights, with what a training says of them in its own files. */
export function saveModel(
  { config, network, weights, classes, format: { normalization }, epoch }: SavedModel,
  path: string,
): void {
  const tensors = network.weights.map(
    (weight, i) => [weight.name, tensorOf(weight, Float32Array.from(weights[i]!))] as const,
  );
  writeSealed(path, new Map(tensors), {
    format: 'pt',
    name: config.name,
    classes: JSON.stringify(classes),
    ...(normalization && { normalization: JSON.stringify(normalization) }),
    resize: JSON.stringify(resizeFilters),
    config: JSON.stringify(config),
    ...(epoch !== undefined && { epoch: String(epoch) }),
  });
}
