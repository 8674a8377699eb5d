import type { SearchMethod } from './search-file.js';

/** A stage of a search: the best trials of the rung before train up to so many epochs. */
export interface Rung {
  /** At most: trials that diverged do not go on. */
  readonly trials: number;
  /** undefined: those of each trial's config. */
  readonly epochs: number | undefined;
}

/**
 * The rungs of a search. Successive halving (Jamieson and Talwalkar 2016, "Non-stochastic Best Arm Identification and Hyperparameter
 * Optimization") with a factor f: rung i, from 0, has one of f^i trials, and f^i times the least epochs; the last one has all epochs, and
 * follows as soon as a single trial is left.
 * @param epochs of the config
 */
export function rungsOf(method: SearchMethod, epochs: number): Rung[] {
  if (method.type === 'random') return [{ trials: method.trials, epochs: undefined }];
  const { factor, leastEpochs } = method;
  const rungs: Rung[] = [];
  let [trials, rungEpochs] = [method.trials, leastEpochs];
  while (rungEpochs < epochs && trials > 1) {
    rungs.push({ trials, epochs: rungEpochs });
    trials = Math.max(1, Math.floor(trials / factor));
    rungEpochs *= factor;
  }
  return [...rungs, { trials, epochs }];
}
