import type { DataConfig } from '../config/schema.js';
import { splitNames } from '../data/dataset.js';
import { openDataset } from '../data/open.js';
import { requireSameClasses } from '../data/same-classes.js';
import { ExitCode, UserError } from '../errors.js';
import { type EvaluationOptions, evaluateModel } from '../evaluation/evaluate.js';
import type { EvaluatedSplit } from '../evaluation/scores.js';
import type { TrainedModel } from '../inference/trained-model.js';
import { defaultThreads } from '../platform/threads.js';
import { dataOfRun } from '../runs/run-data.js';
import type { SavedRun } from '../runs/saved-run.js';
import { argumentError } from './argument-error.js';
import { requireOptions } from './check-options.js';
import type { Dataset } from './dataset.js';
import type { EvaluateOptions, Evaluation } from './evaluation.js';
import { completeData } from './look-into.js';

/** As `Run.evaluate`. */
export async function evaluateRun(
  run: SavedRun,
  model: TrainedModel,
  split: EvaluatedSplit,
  options: EvaluateOptions,
): Promise<Evaluation> {
  requireOptions('evaluate', options);
  const { data, ...others } = options;
  return data === undefined
    ? evaluateOn(model, dataOfRun(run, {}), split, others)
    : evaluateModelOn(model, data, split, others);
}

/** As `TrainedModel.evaluate`. */
export async function evaluateModelOn(
  model: TrainedModel,
  data: Dataset,
  split: EvaluatedSplit,
  options: EvaluationOptions,
): Promise<Evaluation> {
  if (data === undefined) throw argumentError('evaluate', 'a dataset first', data, 'data');
  requireOptions('evaluate', { ...options, data });
  const { features } = model.config.data;
  return evaluateOn(model, { ...completeData(data.config), features }, split, options, data.classes);
}

async function evaluateOn(
  model: TrainedModel,
  data: DataConfig,
  split: EvaluatedSplit,
  options: EvaluationOptions,
  classes?: readonly string[],
): Promise<Evaluation> {
  if (split !== 'all' && !splitNames.includes(split)) {
    throw new UserError(
      `evaluate takes one of ${splitNames.join(', ')} and all, not ${String(split)}`,
      ExitCode.usage,
      { path: 'split' },
    );
  }
  const dataset = await openDataset(data, { threads: options.threads ?? defaultThreads() });
  if (classes !== undefined) requireSameClasses(data.dir, classes, dataset.classes);
  const { scores, outcomes } = await evaluateModel(model, dataset, split, options);
  return { ...scores, outcomes };
}
