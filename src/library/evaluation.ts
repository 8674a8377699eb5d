import type { EvaluationOptions } from '../evaluation/evaluate.js';
import type { Outcomes, Scores } from '../evaluation/scores.js';
import type { Dataset } from './dataset.js';

/** How good a model is on a split, and what it said of each sample. */
export interface Evaluation extends Scores {
  readonly outcomes: Outcomes;
}

export interface EvaluateOptions extends EvaluationOptions {
  /** Other images than the run's own. */
  readonly data?: Dataset;
}
