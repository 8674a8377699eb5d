import { pathOf } from './path.js';
import { TrainedModel } from './trained-model.js';

/**
 * A model without its training: of a run's directory, of weights as `save` and a training write them, or of an ONNX file that says enough
 * (docs/onnx.md).
 * @throws UserError (code `usage`) that says what the file lacks
 */
export async function openModel(path: string | URL): Promise<TrainedModel> {
  const { openAny } = await import('../inference/open-any.js');
  return new TrainedModel((await openAny(pathOf(path, 'openModel', 'path'))).model);
}
