import type { PackedDataset } from '../data/dataset.js';
import type { TrainedModel } from '../inference/trained-model.js';
import { type JudgeOptions, judgeSamples } from './judge.js';
import type { ScoreOptions } from './score.js';
import { scoresOf } from './score.js';
import type { EvaluatedSplit, Outcomes, Scores } from './scores.js';

export { judgeSamples };

export interface EvaluationOptions extends JudgeOptions, Partial<ScoreOptions> {}

export interface Evaluation {
  readonly scores: Scores;
  readonly outcomes: Outcomes;
}

/** Evaluates a model on a packed dataset: the outcome of each sample, from `judgeSamples`, and the scores. */
export async function evaluateModel(
  model: TrainedModel,
  dataset: PackedDataset,
  split: EvaluatedSplit,
  options: EvaluationOptions = {},
): Promise<Evaluation> {
  const outcomes = await judgeSamples(model, dataset, split, options);
  return { outcomes, scores: scoresOf(outcomes, options) };
}
