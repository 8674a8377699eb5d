import type { DataConfig } from '../config/schema.js';
import type { SplitName } from '../data/dataset.js';
import { sampleShape } from '../data/features.js';
import type { DataProgress } from '../data/open.js';
import { openDataset } from '../data/open.js';
import { ExitCode, UserError } from '../errors.js';
import { type Evaluation, evaluateModel } from '../evaluation/evaluate.js';
import { openModel, type TrainedModel, type WeightsChoice } from '../inference/trained-model.js';
import type { Layer } from '../model/layer.js';
import { configLayers } from '../model/network.js';
import type { SavedRun } from '../run/saved-run.js';
import { type Filters, filtersOf } from './filters.js';
import { type Mistake, mistakesOf } from './mistakes.js';
import { endOf } from './run-end.js';

/** All that a report shows. What could not be had is undefined, and `notes` say why. */
export interface ReportContent {
  readonly run: SavedRun;
  readonly split: SplitName;
  readonly choice: WeightsChoice;
  /** The config's, each by itself. */
  readonly layers: readonly Layer[];
  readonly model: TrainedModel | undefined;
  readonly filters: Filters | undefined;
  readonly evaluation: Evaluation | undefined;
  readonly mistakes: readonly Mistake[];
  readonly notes: readonly string[];
}

export interface ReportOptions {
  readonly split: SplitName;
  readonly choice: WeightsChoice;
  /** Folder of the dataset, in place of the config's. */
  readonly data?: string | undefined;
  /** Threads that evaluate and, where the dataset must be packed again, decode. */
  readonly threads: number;
  readonly onProgress?: (progress: DataProgress) => void;
}

/** Reads and evaluates what there is of a run. A run that failed, or whose data is gone, is no error: notes say what is missing. */
export async function gatherReport(run: SavedRun, options: ReportOptions): Promise<ReportContent> {
  const { split, choice } = options;
  const { data, model: network } = run.config;
  const notes = endOf(run);
  const layers = configLayers(network.layers, sampleShape(data.features));
  const model = await unlessMissing(notes, 'There are no weights to look at', () => openModel(run, choice));
  const found = { run, split, choice, layers, model, filters: model && (await filtersOf(model, layers)) };
  const judged = model && (await unlessMissing(notes, notEvaluated(split), () => judge(run, model, options)));
  if (judged === undefined) return { ...found, evaluation: undefined, mistakes: [], notes };
  return { ...found, ...judged, notes: [...notes, ...judged.notes] };
}

const notEvaluated = (split: SplitName) => `The ${split} images could not be evaluated`;

async function judge(run: SavedRun, model: TrainedModel, options: ReportOptions) {
  const { split, choice, threads, onProgress } = options;
  const notes: string[] = [];
  const config = dataOf(run, options.data);
  const dataset = await openDataset(config, {
    threads,
    ...(onProgress !== undefined && { onProgress }),
    onWarning: (message) => notes.push(message),
  });
  const trainedOn = run.summary?.datasetKey;
  if (trainedOn !== undefined && trainedOn !== dataset.key) {
    notes.push(
      `The dataset in ${config.dir} is not the one that was trained on: its key is now ${dataset.key.slice(0, 12)}…, and was ` +
        `${trainedOn.slice(0, 12)}…; images, their dates or their lists have changed. What follows is of the images that are there now.`,
    );
  }
  const evaluation = await evaluateModel(model, dataset, split, { threads });
  const measured = lossInSummary(run, split, choice);
  if (trainedOn === dataset.key && measured !== undefined && measured !== evaluation.scores.loss) {
    notes.push(
      `At the end of the training the ${split} cross entropy was ${measured}, and now it is ${evaluation.scores.loss}: the weights or ` +
        'the kernels are others.',
    );
  }
  return { evaluation, mistakes: await mistakesOf(evaluation.outcomes, dataset), notes };
}

/** The run's, or another folder's; nothing is drawn into a folder of the user's. */
function dataOf({ config }: SavedRun, dir: string | undefined): DataConfig {
  if (dir === undefined) return config.data;
  const { generate: _, ...data } = config.data;
  return { ...data, dir };
}

function lossInSummary({ summary }: SavedRun, split: SplitName, choice: WeightsChoice): number | undefined {
  if (choice === 'last') return summary?.final?.[split].loss;
  return split === 'train' ? undefined : summary?.best?.[split].loss;
}

/** What `body` gives; undefined, with a note, where something that the user can mend is in its way. */
async function unlessMissing<T>(
  notes: string[],
  what: string,
  body: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await body();
  } catch (error) {
    // A machine that does not do its part is no state of the run.
    if (!(error instanceof UserError) || error.exitCode === ExitCode.environment) throw error;
    notes.push(`${what}: ${error.message}`);
    return undefined;
  }
}
