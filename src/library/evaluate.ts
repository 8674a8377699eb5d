import type { DataConfig } from '../config/schema.js';
import { splitNames } from '../data/dataset.js';
import { openDataset } from '../data/open.js';
import { ExitCode, UserError } from '../errors.js';
import { evaluateModel } from '../evaluation/evaluate.js';
import type { EvaluatedSplit } from '../evaluation/scores.js';
import type { TrainedModel } from '../inference/trained-model.js';
import { defaultThreads } from '../platform/threads.js';
import { dataOfRun } from '../runs/run-data.js';
import type { SavedRun } from '../runs/saved-run.js';
import type { EvaluateOptions, Evaluation } from './evaluation.js';
import { completeData } from './look-into.js';

/** As `Run.evaluate`. */
export async function evaluateRun(
  run: SavedRun,
  model: TrainedModel,
  split: EvaluatedSplit,
  { data, ...options }: EvaluateOptions,
): Promise<Evaluation> {
  if (split !== 'all' && !splitNames.includes(split)) {
    throw new UserError(
      `evaluate takes one of ${splitNames.join(', ')} and all, not ${String(split)}`,
      ExitCode.usage,
      { path: 'split' },
    );
  }
  const { features } = run.config.data;
  const config: DataConfig =
    data === undefined ? dataOfRun(run, {}) : { ...completeData(data.config), features };
  const dataset = await openDataset(config, { threads: options.threads ?? defaultThreads() });
  const { scores, outcomes } = await evaluateModel(model, dataset, split, options);
  return { ...scores, outcomes };
}
