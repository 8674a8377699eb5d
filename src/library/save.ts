import { writeFileWhole } from '../files/whole-file.js';
import type { TrainedModel } from '../inference/trained-model.js';
import { exportOnnx } from '../onnx/export.js';
import type { OnnxOptions } from '../onnx/options.js';

export { saveModel } from '../inference/save-model.js';

export function exportModel(model: TrainedModel, path: string, options: OnnxOptions): void {
  writeFileWhole(path, exportOnnx(model, options).bytes);
}
