import { availableParallelism } from 'node:os';
import { requireMachine } from '../data/images/reasons.js';
import { chunked, mapInOrder } from './in-order.js';
import { type InferencePool, openInferencePool } from './inference-pool.js';
import type { ClassifyResult } from './tasks.js';
import type { TrainedModel } from './trained-model.js';
import type { Tta } from './views.js';

/** A class that an image may belong to. */
export interface Prediction {
  readonly label: number;
  readonly class: string;
  /** 0 to 1; the softmax of the logits. */
  readonly probability: number;
}

/** The result for an image file: its most probable classes, the most probable first; or why it cannot be used. */
export type Classified =
  | { readonly image: string; readonly predictions: readonly Prediction[] }
  | { readonly image: string; readonly error: string };

export interface ClassifyOptions {
  /** Number of classes per image. By default 5. */
  readonly top?: number;
  /** By default the machine's parallelism. Changes the speed, never the result. */
  readonly threads?: number;
  /** Test-time augmentation. By default none. */
  readonly tta?: Tta;
}

/** Images per task: enough to make a message's cost negligible. */
const imagesPerTask = 32;
/** After this wait for the source, ms, a task starts with the images that have come so far. */
const patience = 20;
const tasksPerThread = 2;

/**
 * Classifies image files on all threads. Results come in the files' order. Paths are read only as they are needed, so there may be any
 * number of them.
 * @param images paths
 */
export async function* classifyImages(
  model: TrainedModel,
  images: AsyncIterable<string> | Iterable<string>,
  { top = 5, threads = availableParallelism(), tta }: ClassifyOptions = {},
): AsyncGenerator<Classified> {
  const pool = openInferencePool(model, threads, tta);
  const running = new Set<Promise<unknown>>();
  const classify = (images: readonly string[]) => {
    const task = pool.classify({ images, alone: false, top });
    running.add(task);
    return task.then((result) => ({ images, result })).finally(() => running.delete(task));
  };
  try {
    const tasks = chunked(images, imagesPerTask, patience);
    for await (const { images, result } of mapInOrder(tasks, tasksPerThread * threads, classify)) {
      // Failed images are tried again alone; see `inChunks`.
      if (result.bad.length > 0) await Promise.allSettled(running);
      yield* classified(pool, model, images, result, top);
    }
  } finally {
    await pool.close();
  }
}

async function* classified(
  pool: InferencePool,
  { classes }: TrainedModel,
  images: readonly string[],
  result: ClassifyResult,
  top: number,
): AsyncGenerator<Classified> {
  const bad = new Set(result.bad.map(({ index }) => index));
  for (const [index, image] of images.entries()) {
    if (bad.has(index)) {
      const again = await pool.classify({ images: [image], alone: true, top });
      const refusal = again.bad[0];
      if (refusal !== undefined) requireMachine(refusal, () => image);
      const error = refusal?.reason;
      yield error === undefined
        ? { image, predictions: predictionsOf(again, 0, 1, classes) }
        : { image, error };
    } else {
      yield { image, predictions: predictionsOf(result, index, images.length, classes) };
    }
  }
}

function predictionsOf(
  { labels, probabilities }: ClassifyResult,
  image: number,
  images: number,
  classes: readonly string[],
): Prediction[] {
  const count = labels.length / images;
  return Array.from({ length: count }, (_, i) => {
    const label = labels[image * count + i]!;
    return { label, class: classes[label]!, probability: probabilities[image * count + i]! };
  });
}
