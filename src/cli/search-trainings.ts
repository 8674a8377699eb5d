import { withClasses } from '../config/resolve.js';
import type { CompleteConfig } from '../config/resolved.js';
import { sampleShape } from '../data/features.js';
import { ExitCode, UserError } from '../errors.js';
import { buildNetwork } from '../graph/network.js';
import { openRun, type SavedRun } from '../runs/saved-run.js';
import { dependsOnEpochs } from '../runtime/schedule.js';
import type { Rung } from '../search/rungs.js';
import type { RunOrder, TrainedRun, Trial } from '../search/search.js';
import { dataOf } from '../training/preflight.js';
import { openResumed } from '../training/resume.js';
import { findPlace, withEpochs } from '../views/compare/existing-runs.js';
import type { TrainingOptions } from './compare-trainings.js';
import { trainInProcess } from './train-process.js';

/** A trial and its configs, one for each fold. */
export interface ConfiguredTrial extends Trial {
  /** Of its run directories, each with the number of its fold where there are several: `trial-07`; may be empty. */
  readonly name: string;
  readonly configs: readonly CompleteConfig[];
}

/**
 * Trains the runs of a search in `out`, each in a process of its own, as far as they are not there already. A run whose schedule does not
 * depend on the number of epochs goes on from rung to rung; one whose schedule does is trained anew in each, with the schedule of that
 * length: no schedule stops in its middle.
 */
export class SearchTrainings {
  readonly #options: TrainingOptions;
  readonly #trials: readonly ConfiguredTrial[];
  /** Epochs of the rungs; none where a trial trains those of its config. */
  readonly #lengths: readonly number[];
  /** Whether pictures are drawn into a folder, by folder and `generate`: `dataOf` reads the folder to know. */
  readonly #draws = new Map<string, boolean>();

  /** @throws UserError (exit code usage) where the layers of a trial do not fit each other */
  constructor(trials: readonly ConfiguredTrial[], rungs: readonly Rung[], options: TrainingOptions) {
    this.#options = options;
    this.#trials = trials;
    this.#lengths = rungs.flatMap(({ epochs }) => epochs ?? []);
    // What is wrong with the last trial's layers is said before the first one has trained. Any number of classes will do.
    // A trial's folds have one network.
    for (const {
      configs: [config],
    } of trials)
      buildNetwork(withClasses(config!, 2).model.layers, sampleShape(config!.data.features));
  }

  /** The config with the data that its run will read: what the folder holds decides whether pictures are drawn. */
  async #withData(config: CompleteConfig): Promise<CompleteConfig> {
    const { generate, ...read } = config.data;
    const key = JSON.stringify([read.dir, generate]);
    let draws = this.#draws.get(key);
    if (draws === undefined) {
      const { data } = await dataOf(config.data, (note) => this.#options.reporter.note(note));
      draws = data.generate !== undefined;
      this.#draws.set(key, draws);
    }
    return draws ? config : { ...config, data: read };
  }

  async train({ trial, rung, fold, place }: RunOrder): Promise<TrainedRun> {
    const { name: trialName, configs } = this.#trials[trial.number - 1]!;
    const config = await this.#withData(configs[fold]!);
    const epochs = rung.epochs ?? config.training.epochs;
    const isAnew = dependsOnEpochs(config.optimizer) !== undefined;
    const name = [
      trialName,
      configs.length > 1 ? `fold-${fold + 1}` : '',
      isAnew && epochs !== config.training.epochs ? `epochs-${epochs}` : '',
    ];
    const lengths = isAnew || rung.epochs === undefined ? [epochs] : this.#lengths;
    const run = await this.#runOf(
      name.filter((part) => part !== '').join('-'),
      withEpochs(config, epochs),
      lengths,
      place,
    );
    const own = run.epochs.slice(0, epochs);
    const diverged = own.length < epochs && run.summary?.status === 'failed';
    if (own.length === 0 && !diverged) throw noEpochs(run.directory);
    return { directory: run.directory, epochs: own, diverged };
  }

  /** The run with the config's epochs, or already with more of them. */
  async #runOf(
    name: string,
    config: CompleteConfig,
    lengths: readonly number[],
    place: string,
  ): Promise<SavedRun> {
    const { out, threads, sharedBytes, quiet, reporter } = this.#options;
    const { epochs } = config.training;
    const found = await findPlace(out, name, config, (note) => reporter.note(note), lengths);
    const { directory, run } = found;
    const saved: SavedRun | undefined = run ?? found.interrupted;
    if (saved !== undefined && hasEpochs(saved, epochs)) return saved;
    const isLonger = saved !== undefined && saved.config.training.epochs < epochs;
    const resume = saved && openResumed(directory, isLonger ? { epochs } : {});
    reporter.note(`${resume ? 'going on with' : 'training'} ${name} (${place})`);
    await trainInProcess({
      config: resume?.config ?? config,
      threads,
      sharedBytes,
      out: directory,
      resume,
      quiet,
    });
    return openRun(directory);
  }
}

/** Whether there is nothing left to train of these epochs. One that diverged stays so. */
function hasEpochs({ config, epochs, summary }: SavedRun, wanted: number): boolean {
  if (summary?.status === 'failed') return true;
  if (summary?.status === 'completed') return config.training.epochs >= wanted;
  // Interrupted in a later rung, it goes on there.
  return config.training.epochs > wanted && epochs.length >= wanted;
}

const noEpochs = (directory: string) =>
  new UserError(
    `${directory} has ended without an epoch; remove it, and the command trains it again`,
    ExitCode.usage,
  );
