import type { PackedDataset, SplitName } from '../../data/dataset.js';
import { type DataProgress, openDataset } from '../../data/open.js';
import { type Evaluation, evaluateModel } from '../../evaluation/evaluate.js';
import type { TrainedModel, WeightsChoice } from '../../inference/trained-model.js';
import { dataOfRun } from '../../runs/run-data.js';
import type { SavedRun } from '../../runs/saved-run.js';
import { type Mistake, pictureMistakes } from './mistakes.js';

export interface EvaluateSplitOptions {
  readonly split: SplitName;
  readonly choice: WeightsChoice;
  /** Folder of the dataset, in place of the config's. */
  readonly data?: string | undefined;
  /** Threads that evaluate and, where the dataset must be packed again, decode. */
  readonly threads: number;
  readonly onProgress?: (progress: DataProgress) => void;
}

export interface SplitEvaluation {
  readonly dataset: PackedDataset;
  readonly evaluation: Evaluation;
  readonly mistakes: readonly Mistake[];
  /** Folder of the dataset. */
  readonly dir: string;
  /** What the reader should know about the dataset. */
  readonly notes: readonly string[];
}

/**
 * Evaluates the model on a split.
 * @param draws whether pictures of the mistakes are wanted
 * @throws UserError where the dataset is not there, or not the model's
 */
export async function evaluateSplit(
  run: SavedRun,
  model: TrainedModel,
  options: EvaluateSplitOptions,
  draws: boolean,
): Promise<SplitEvaluation> {
  const { split, choice, threads, onProgress } = options;
  const config = dataOfRun(run, options);
  const notes: string[] = [];
  const dataset = await openDataset(config, {
    threads,
    ...(onProgress !== undefined && { onProgress }),
    onWarning: (message) => notes.push(message),
  });
  const evaluation = await evaluateModel(model, dataset, split, {
    threads,
    onProgress: (done, total) => onProgress?.({ phase: 'evaluating', done, total }),
  });
  const { loss } = evaluation.scores;
  const measured = lossInSummary(run, split, choice);
  if (options.data !== undefined) notes.push(`The images that were evaluated are those in ${config.dir}.`);
  else if (run.summary !== undefined && run.summary.datasetKey !== dataset.key)
    notes.push(changed(config.dir));
  else if (measured !== undefined && measured !== loss) notes.push(differs(split, measured, loss));
  return {
    dataset,
    evaluation,
    dir: config.dir,
    mistakes: await pictureMistakes(evaluation.outcomes, dataset, draws),
    notes,
  };
}

const changed = (dir: string) =>
  `The dataset in ${dir} is not as it was when the run was trained: an image, its date, a label or sharp has changed. The evaluation is of ` +
  'the images that are there now.';

const differs = (split: SplitName, before: number, now: number) =>
  `At the end of the training the ${split} cross entropy was ${before}, and now it is ${now}: these are other weights, or other kernels.`;

function lossInSummary({ summary }: SavedRun, split: SplitName, choice: WeightsChoice): number | undefined {
  if (choice === 'last') return summary?.final?.[split].loss;
  return split === 'train' ? undefined : summary?.best?.[split].loss;
}
