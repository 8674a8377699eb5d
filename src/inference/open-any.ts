import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { ExitCode, UserError } from '../errors.js';
import { openRun, type SavedRun } from '../runs/saved-run.js';
import { modelOfRun, modelOfWeights, type TrainedModel, type WeightsChoice } from './trained-model.js';

export interface OpenedModel {
  readonly model: TrainedModel;
  /** undefined of a file without a run. */
  readonly run: SavedRun | undefined;
}

/** Of files that are models. */
const forms: ReadonlySet<string> = new Set(['.safetensors', '.onnx']);

/**
 * The model of a run, or of a file that says enough by itself: an ONNX file, or weights with their network in the metadata.
 * @param choice of a run's weights, by default the best; a file has but one
 * @throws UserError (exit code usage) that says what is missing
 */
export async function openAny(path: string, choice?: WeightsChoice): Promise<OpenedModel> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined && forms.has(extname(path).toLowerCase()))
    throw new UserError(`${path}: there is no such file`, ExitCode.usage, { path });
  if (found === undefined || found.isDirectory()) {
    const run = openRun(path);
    return { run, model: modelOfRun(run, choice ?? 'best') };
  }
  if (choice !== undefined)
    throw new UserError(
      `--weights is for a run; ${path} is a file, whose weights are its own`,
      ExitCode.usage,
    );
  switch (extname(path).toLowerCase()) {
    case '.safetensors':
      return { run: undefined, model: modelOfWeights(path) };
    case '.onnx': {
      const { openOnnxModel } = await import('./imported-model.js');
      return { run: undefined, model: openOnnxModel(path) };
    }
    default:
      throw unknownForm(path);
  }
}

/** The error for a file that is no model's by its name. */
export function unknownForm(path: string): UserError {
  const isPyTorch = /\.(?:pt|pth|ckpt|bin)$/i.test(path);
  const advice = isPyTorch
    ? '. In PyTorch, torch.onnx.export(model, images, "model.onnx") writes the network with its weights, safetensors.torch.save_file(model.state_dict(), ' +
      '"weights.safetensors") the weights alone'
    : '';
  return new UserError(
    `${path}: expected a file of the form .onnx or .safetensors${advice}`,
    ExitCode.usage,
    { path },
  );
}
