import type { ResolvedConfig } from '../config/resolved.js';
import type { EvaluationOptions } from '../evaluation/evaluate.js';
import type { EvaluatedSplit } from '../evaluation/scores.js';
import { copyOf, type ImageInput } from '../inference/image-input.js';
import type {
  Predicted,
  PredictedImage,
  PredictOptions,
  Predictor,
  PredictorOptions,
} from '../inference/predictor.js';
import type { TrainedModel as OpenedModel } from '../inference/trained-model.js';
import type { OnnxOptions } from '../onnx/options.js';
import type { Dataset } from './dataset.js';
import type { Evaluation } from './evaluation.js';
import { pathOf } from './path.js';

/** A model that can be saved, exported, and asked what an image shows. */
export class TrainedModel {
  /** Its config and weights. @internal */
  readonly opened: OpenedModel;
  #predictor: Promise<Predictor> | undefined;

  /** @internal */
  constructor(opened: OpenedModel) {
    this.opened = opened;
  }

  /** Names in label order. */
  get classes(): readonly string[] {
    return this.opened.classes;
  }

  get config(): ResolvedConfig {
    return this.opened.config;
  }

  /**
   * The most probable classes of an image: of the bytes of a file, a path, or raw pixels. The first call starts threads that keep the model;
   * an idle model does not keep the process alive.
   * @throws ImageError where the image cannot be used
   */
  async predict(image: ImageInput, options: PredictOptions = {}): Promise<Predicted> {
    // Before anything is waited for, since the caller may use the image's memory again at once.
    const own = copyOf(image);
    return (await this.#warm()).predict(own, options);
  }

  /** The same for any number of images, in their order; one that cannot be used gets its error in place of a result. */
  async *predictAll<Image extends ImageInput>(
    images: AsyncIterable<Image> | Iterable<Image>,
    options: PredictOptions = {},
  ): AsyncGenerator<PredictedImage<Image>, void, undefined> {
    yield* (await this.#warm()).predictAll(images, options);
  }

  /** Threads of its own that keep the model, for other options than `predict` has. Close them after use. */
  async predictor(options: PredictorOptions = {}): Promise<Predictor> {
    const { openPredictor } = await import('../inference/predictor.js');
    return openPredictor(this.opened, options);
  }

  /**
   * How good the model is on images of the classes that it knows.
   * @param split of the dataset
   * @throws UserError where the dataset has other classes
   */
  async evaluate(
    data: Dataset,
    split: EvaluatedSplit = 'test',
    options: EvaluationOptions = {},
  ): Promise<Evaluation> {
    const { evaluateModelOn } = await import('./evaluate.js');
    return evaluateModelOn(this.opened, data, split, options);
  }

  /** Writes the weights as safetensors, with all that `openModel` and PyTorch need. A file that is there is replaced. */
  async save(path: string | URL): Promise<void> {
    const { saveModel } = await import('./save.js');
    saveModel(this.opened, pathOf(path, 'save', 'path'));
  }

  /** Writes an ONNX file (docs/onnx.md). A file that is there is replaced. */
  async export(path: string | URL, options: OnnxOptions = {}): Promise<void> {
    const [{ exportModel }, { requireOptions }] = await Promise.all([
      import('./save.js'),
      import('./check-options.js'),
    ]);
    requireOptions('export', options);
    exportModel(this.opened, pathOf(path, 'export', 'path'), options);
  }

  /** A table of the layers with shapes, parameters and multiply-adds. */
  async summary(): Promise<string> {
    const { layersTable } = await import('./summary.js');
    return layersTable(this.opened.config.model.layers, this.opened.network.input);
  }

  /** Ends the threads of `predict`, after what has been asked is answered. A later `predict` starts them anew. */
  async close(): Promise<void> {
    const predictor = this.#predictor;
    this.#predictor = undefined;
    await (await predictor)?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #warm(): Promise<Predictor> {
    this.#predictor ??= this.predictor().catch((error: unknown) => {
      this.#predictor = undefined;
      throw error;
    });
    return this.#predictor;
  }
}
