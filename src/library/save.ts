import { resizeFilters } from '../data/images/resample.js';
import { writeFileWhole } from '../files/whole-file.js';
import type { TrainedModel } from '../inference/trained-model.js';
import { exportOnnx } from '../onnx/export.js';
import type { OnnxOptions } from '../onnx/options.js';
import { tensorOf } from '../runs/weights.js';
import { writeSealed } from '../tensors/sealed.js';

/** Writes a model's weights, with what a training says of them in its own files. */
export function saveModel(
  { config, network, weights, classes, format, epoch }: TrainedModel,
  path: string,
): void {
  const tensors = network.weights.map(
    (weight, i) => [weight.name, tensorOf(weight, Float32Array.from(weights[i]!))] as const,
  );
  writeSealed(path, new Map(tensors), {
    format: 'pt',
    name: config.name,
    classes: JSON.stringify(classes),
    normalization: JSON.stringify(format.normalization),
    resize: JSON.stringify(resizeFilters),
    config: JSON.stringify(config),
    ...(epoch !== undefined && { epoch: String(epoch) }),
  });
}

export function exportModel(model: TrainedModel, path: string, options: OnnxOptions): void {
  writeFileWhole(path, exportOnnx(model, options).bytes);
}
