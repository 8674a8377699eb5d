import type { MetricName } from '../config/schema.js';
import { isBetter } from './best.js';
import type { Answer, Callback } from './callback.js';
import type { EpochMetrics } from './metrics.js';
import type { Best } from './position.js';

/** Keeps the weights of the epoch that is the best so far. */
export class BestWeights implements Callback {
  readonly #bestBy: MetricName;
  readonly #save: (epoch: number) => void;
  #best: Best | undefined;

  /**
   * @param save saves the weights as the epoch's
   * @param best of the epochs before
   */
  constructor(bestBy: MetricName, save: (epoch: number) => void, best?: Best) {
    this.#bestBy = bestBy;
    this.#save = save;
    this.#best = best;
  }

  get best(): Best | undefined {
    return this.#best;
  }

  epoch({ epoch, validation }: EpochMetrics): Answer {
    if (!isBetter(this.#bestBy, validation, this.#best?.validation)) return;
    this.#save(epoch);
    this.#best = { epoch, validation };
  }
}
