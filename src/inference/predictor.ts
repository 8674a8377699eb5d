import { areValues } from '../data/features.js';
import { requireMachine } from '../data/images/reasons.js';
import { ExitCode, UserError } from '../errors.js';
import type { Shape } from '../graph/shape.js';
import { defaultThreads, mostThreads } from '../platform/threads.js';
import { ImageError, type ImageInput, nameOfImage, toSent } from './image-input.js';
import { isMany, iterated, mapInOrder } from './in-order.js';
import { type InferencePool, openInferencePool } from './inference-pool.js';
import { MicroBatches } from './micro-batches.js';
import type { SentImage } from './sent-image.js';
import type { ClassifyResult } from './tasks.js';
import type { TrainedModel } from './trained-model.js';
import { type Tta, ttaChoices } from './views.js';

/** A class that an image may belong to. */
export interface Prediction {
  readonly label: number;
  readonly class: string;
  /** 0 to 1; the softmax of the logits. */
  readonly probability: number;
}

/** What a model takes an image for. */
export interface Predicted {
  /** The most probable first. */
  readonly predictions: readonly Prediction[];
  /** `[classes]`, in label order; only where they were asked for. */
  readonly logits?: Float32Array;
}

/** The result for an image of many; or why that image cannot be used. */
export type PredictedImage<Image> =
  | ({ readonly image: Image } & Predicted)
  | { readonly image: Image; readonly error: ImageError };

export interface PredictorOptions {
  /** By default the machine's parallelism. Changes the speed, never the result. */
  readonly threads?: number | undefined;
  /** Test-time augmentation. By default none. */
  readonly tta?: Tta | undefined;
}

export interface PredictOptions {
  /** Number of classes. By default 5; of fewer, all. */
  readonly top?: number | undefined;
  /** Whether the logits are wanted too. */
  readonly logits?: boolean | undefined;
}

/** Images that `predictAll` takes from its source, for each thread, before the first of them is answered: enough that no thread waits. */
const aheadPerThread = 64;

interface Job {
  readonly image: SentImage;
  readonly name: string;
  readonly top: number;
  readonly logits: boolean;
  readonly resolve: (predicted: Predicted) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Classifies images in a running program, on threads that keep the model. An idle predictor does not keep the process alive. Results are,
 * to the bit, those of `lockstep predict`, whatever is asked at the same time.
 */
export class Predictor {
  /** Names in label order. */
  readonly classes: readonly string[];
  /** Shape of what the network sees, if it was trained on values. */
  readonly #values: Shape | undefined;
  readonly #pool: InferencePool;
  readonly #threads: number;
  readonly #batches: MicroBatches<Job>;
  #closed: Promise<void> | undefined;

  /** @param minThreads threads that start at once; by default 1, and the others when there is work for them */
  constructor(
    model: TrainedModel,
    { threads = defaultThreads(), tta }: PredictorOptions = {},
    minThreads = 1,
  ) {
    this.classes = model.classes;
    if (areValues(model.config.data.features)) this.#values = model.format.sampleShape;
    this.#threads = threads;
    this.#pool = openInferencePool(model, threads, tta, minThreads);
    this.#batches = new MicroBatches(threads, (jobs, alone) => this.#answer(jobs, alone));
  }

  /** Resolves when the threads that started at once have their model. */
  warm(): Promise<void> {
    return this.#pool.warm();
  }

  /**
   * The most probable classes of an image.
   * @throws ImageError where the image cannot be used
   * @throws UserError (exit code environment) where the machine fails; (usage) where the predictor is closed
   */
  async predict(image: ImageInput, options: PredictOptions = {}): Promise<Predicted> {
    if (isMany(image))
      throw new UserError('predict takes one image; predictAll takes several', ExitCode.usage);
    return this.#ask(image, options);
  }

  /**
   * The same for many images, in their order. They are read only as they are needed, so there may be any number of them. An image that
   * cannot be used gets its error in place of a result.
   * @throws as `predict` does, but for ImageErrors; and what the source throws
   */
  async *predictAll<Image extends ImageInput>(
    images: AsyncIterable<Image> | Iterable<Image>,
    options: PredictOptions = {},
  ): AsyncGenerator<PredictedImage<Image>, void, undefined> {
    if (!isMany(images))
      throw new UserError(
        'predictAll takes several images, such as an array of them; predict takes one',
        ExitCode.usage,
      );
    const asked = new Set<Job>();
    const classify = async (image: Image): Promise<PredictedImage<Image>> => {
      try {
        return { image, ...(await this.#ask(image, options, asked)) };
      } catch (error) {
        if (error instanceof ImageError) return { image, error };
        throw error;
      }
    };
    try {
      yield* mapInOrder(iterated(images), aheadPerThread * this.#threads, classify);
    } finally {
      this.#batches.remove(asked);
    }
  }

  /** Ends the threads, after what has been asked is answered. */
  close(): Promise<void> {
    this.#closed ??= this.#batches.idle().then(() => this.#pool.close());
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #ask(image: ImageInput, options: PredictOptions, asked?: Set<Job>): Promise<Predicted> {
    requireKnown(options, ['top', 'logits']);
    const { top = 5, logits = false } = options;
    if (this.#closed !== undefined)
      throw new UserError('the predictor is closed; open another one', ExitCode.usage);
    if (!Number.isInteger(top) || top < 1)
      throw fault('top', `top is ${top}; expected a number of classes, from 1`);
    const sent = toSent(image, this.#values);
    const { promise, resolve, reject } = deferred<Predicted>();
    const job: Job = { image: sent, name: nameOfImage(image), top, logits, resolve, reject };
    asked?.add(job);
    this.#batches.add(job);
    try {
      return await promise;
    } finally {
      asked?.delete(job);
    }
  }

  /** Answers jobs; gives those that failed and were not alone, where only the second try tells the reason. See `inChunks`. */
  async #answer(jobs: readonly Job[], alone: boolean): Promise<readonly Job[]> {
    try {
      const result = await this.#pool.classify({
        images: jobs.map(({ image }) => image),
        alone,
        top: Math.max(...jobs.map(({ top }) => top)),
        logits: jobs.some(({ logits }) => logits),
      });
      const bad = new Map(result.bad.map((refusal) => [refusal.index, refusal]));
      for (const [index, job] of jobs.entries()) {
        const refusal = bad.get(index);
        if (refusal === undefined) job.resolve(this.#predictedOf(result, index, jobs.length, job));
        else if (refusal.final) {
          requireMachine(refusal, () => job.name);
          job.reject(new ImageError(job.name, refusal.reason));
        }
      }
      return jobs.filter((_, index) => bad.get(index)?.final === false);
    } catch (error) {
      for (const { reject } of jobs) reject(error);
      return [];
    }
  }

  #predictedOf(result: ClassifyResult, image: number, images: number, { top, logits }: Job): Predicted {
    const { classes } = this;
    const each = result.labels.length / images;
    const predictions = Array.from({ length: Math.min(top, each) }, (_, i) => {
      const label = result.labels[image * each + i]!;
      return { label, class: classes[label]!, probability: result.probabilities[image * each + i]! };
    });
    if (!logits) return { predictions };
    const first = image * classes.length;
    return { predictions, logits: result.logits!.slice(first, first + classes.length) };
  }
}

/**
 * Opens a predictor whose threads are ready to answer. Close it after use: `await using predictor = await openPredictor(model)`.
 * @throws UserError (exit code environment) where no threads can be started; (usage) for options that make no sense
 */
export async function openPredictor(model: TrainedModel, options: PredictorOptions = {}): Promise<Predictor> {
  requireKnown(options, ['threads', 'tta']);
  const { threads = defaultThreads(), tta } = options;
  if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads)
    throw fault('threads', `threads is ${threads}; expected a number of them, from 1 to ${mostThreads}`);
  if (tta !== undefined && !ttaChoices.includes(tta))
    throw fault('tta', `tta is ${tta}; expected one of ${ttaChoices.join(', ')}`);
  const predictor = new Predictor(model, { threads, tta }, threads);
  try {
    await predictor.warm();
    return predictor;
  } catch (error) {
    await predictor.close();
    throw error;
  }
}

const fault = (path: string, message: string) => new UserError(message, ExitCode.usage, { path });

/** Option names are checked by hand: this runs for each image. */
function requireKnown(options: object, names: readonly string[]): void {
  for (const name in options) {
    if (!names.includes(name)) throw fault(name, `${name} is no option here; expected ${names.join(' or ')}`);
  }
}

function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
