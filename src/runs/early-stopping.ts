import type { MetricName } from '../config/schema.js';
import { gainOf } from './best.js';
import type { Answer, Callback } from './callback.js';
import type { SplitMetrics } from './metrics.js';

export interface EarlyStoppingOptions {
  /** Of the validation. */
  readonly metric: MetricName;
  /** Epochs in a row without a gain after which the training ends. */
  readonly patience: number;
  /** A gain is more than this: a fraction of 1, of the loss nats per sample. */
  readonly minDelta: number;
  /** Whether the final model is the best weights, in place of the last. */
  readonly restoreBest: boolean;
}

/** What early stopping remembers from epoch to epoch: a checkpoint holds it. */
export interface Stopping {
  /** The metric's best value so far. */
  readonly best: number;
  /** Epochs since then. */
  readonly waited: number;
}

/** Ends a training whose validation gains no more, as Keras's EarlyStopping does. */
export class EarlyStopping implements Callback {
  readonly options: EarlyStoppingOptions;
  #state: Stopping | undefined;

  /** @param state what came of the epochs before; undefined before the first */
  constructor(options: EarlyStoppingOptions, state?: Stopping) {
    this.options = options;
    this.#state = state;
  }

  get state(): Stopping | undefined {
    return this.#state;
  }

  /** Whether the training has waited for a gain as long as it may. */
  get isExhausted(): boolean {
    return this.#state !== undefined && this.#state.waited >= this.options.patience;
  }

  epoch({ validation }: { readonly validation: SplitMetrics }): Answer {
    const { metric, minDelta } = this.options;
    const value = validation[metric]!;
    const before = this.#state;
    const isGain = before === undefined || gainOf(metric, value, before.best) > minDelta;
    this.#state = isGain ? { best: value, waited: 0 } : { ...before, waited: before.waited + 1 };
    return this.isExhausted ? 'stop' : undefined;
  }
}
