import { type Prediction, Predictor, type PredictorOptions } from './predictor.js';
import type { TrainedModel } from './trained-model.js';

/** The result for an image file: its most probable classes, the most probable first; or why it cannot be used. */
export type Classified =
  | { readonly image: string; readonly predictions: readonly Prediction[] }
  | { readonly image: string; readonly error: string };

export interface ClassifyOptions extends PredictorOptions {
  /** Number of classes per image. By default 5. */
  readonly top?: number;
}

/**
 * Classifies image files on all threads, which end with the images. Results come in the files' order. Paths are read only as they are
 * needed, so there may be any number of them. A program that classifies more than once keeps a predictor.
 * @param images paths
 */
export async function* classifyImages(
  model: TrainedModel,
  images: AsyncIterable<string> | Iterable<string>,
  { top, ...options }: ClassifyOptions = {},
): AsyncGenerator<Classified> {
  const predictor = new Predictor(model, options);
  try {
    for await (const each of predictor.predictAll(images, { top }))
      yield 'error' in each ? { image: each.image, error: each.error.reason } : each;
  } finally {
    await predictor.close();
  }
}
