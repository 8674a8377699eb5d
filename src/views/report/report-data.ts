import type { SplitName } from '../../data/dataset.js';
import { sampleShape } from '../../data/features.js';
import { loadSharp } from '../../data/images/sharp.js';
import { ExitCode, UserError } from '../../errors.js';
import type { Evaluation } from '../../evaluation/evaluate.js';
import { type ConfigLayer, configLayers } from '../../graph/network.js';
import { modelOfRun, type TrainedModel, type WeightsChoice } from '../../inference/trained-model.js';
import type { SavedRun } from '../../runs/saved-run.js';
import { type Augmented, augmentedOf } from './augmentation.js';
import { type EvaluateSplitOptions, evaluateSplit } from './evaluate-split.js';
import { type Filters, filtersOf } from './filters.js';
import type { Mistake } from './mistakes.js';
import { endOf } from './run-end.js';

/** Everything that a report shows. What is missing is undefined, and `notes` say why. */
export interface ReportData {
  readonly run: SavedRun;
  readonly split: SplitName;
  readonly choice: WeightsChoice;
  /** The config's, each by itself. */
  readonly layers: readonly ConfigLayer[];
  readonly model: TrainedModel | undefined;
  readonly filters: Filters | undefined;
  readonly evaluation: Evaluation | undefined;
  readonly mistakes: readonly Mistake[];
  readonly augmented: Augmented;
  /** Folder of the dataset that was evaluated. */
  readonly dir: string;
  readonly notes: readonly string[];
}

/** Reads and evaluates what there is of a run. A run that failed, or whose data is gone, is no error: notes say what is missing. */
export async function gatherReport(run: SavedRun, options: EvaluateSplitOptions): Promise<ReportData> {
  const { split, choice } = options;
  const { data, model: network } = run.config;
  const notes = endOf(run);
  const layers = configLayers(network.layers, sampleShape(data.features));
  const model = await unlessMissing(notes, `There are no ${choice} weights to look at`, () =>
    modelOfRun(run, choice),
  );
  const draws = canDraw(notes);
  const found =
    model &&
    (await unlessMissing(notes, `The ${split} images could not be evaluated`, () =>
      evaluateSplit(run, model, options, draws),
    ));
  return {
    run,
    split,
    choice,
    layers,
    model,
    filters: model && draws ? await filtersOf(model) : undefined,
    evaluation: found?.evaluation,
    mistakes: found?.mistakes ?? [],
    augmented: await augmentedOf(run, found?.dataset, options.data === undefined, draws),
    dir: found?.dir ?? data.dir,
    notes: [...notes, ...(found?.notes ?? [])],
  };
}

/** Whether pictures can be drawn here; a note says why not. */
function canDraw(notes: string[]): boolean {
  try {
    loadSharp();
    return true;
  } catch (error) {
    notes.push(`There are no pictures of mistakes, filters and augmentation: ${(error as Error).message}`);
    return false;
  }
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
