import type { CompleteConfig } from '../config/resolved.js';
import type { Reporter } from '../runs/reporter.js';
import { preflight } from '../training/preflight.js';
import { type Candidate, type EndedRun, uniqueNames } from '../views/compare/candidate.js';
import { findPlace, openEnded } from '../views/compare/existing-runs.js';
import { trainInProcess } from './train-process.js';

/** What is to be compared: a config, once for each seed, or a run. */
export type Item =
  | { readonly from: string; readonly configs: readonly CompleteConfig[] }
  | { readonly from: string; readonly run: EndedRun };

export interface TrainingOptions {
  /** The folder that holds the trainings. */
  readonly out: string;
  readonly threads: number;
  readonly sharedBytes: number | undefined;
  readonly quiet: boolean;
  readonly reporter: Reporter;
}

interface Training {
  readonly config: CompleteConfig;
  /** `improved-seed1` */
  readonly name: string;
}

/**
 * The items with all of their runs: those that `out` holds already, and the others trained, one after the other. A training that diverges
 * is one of the results.
 */
export async function trainItems(items: readonly Item[], options: TrainingOptions): Promise<Candidate[]> {
  const names = uniqueNames(items.map((item) => nameOf(item)));
  // A fault of the last config should show before the first one has trained.
  const planned: { item: Item; name: string; trainings: readonly Training[] }[] = [];
  for (const [i, item] of items.entries()) {
    const name = names[i]!;
    planned.push({ item, name, trainings: 'configs' in item ? await trainingsOf(item, name, options) : [] });
  }
  const trainings = planned.flatMap((each) => each.trainings);
  const missing = await missingOf(trainings, options);
  if (trainings.length > missing.length) {
    options.reporter.note(
      `${trainings.length - missing.length} of ${trainings.length} trainings are in ${options.out} already`,
    );
  }
  const candidates: Candidate[] = [];
  for (const { item, name, trainings } of planned) {
    const runs: EndedRun[] = 'run' in item ? [item.run] : [];
    for (const training of trainings) {
      runs.push(await runOf(training, options, `${missing.indexOf(training) + 1} of ${missing.length}`));
    }
    candidates.push({ name, from: item.from, config: runs[0]!.config, runs });
  }
  return candidates;
}

/** Where one is missing, all get the number of classes that the dataset has now. */
async function trainingsOf(
  { configs }: { readonly configs: readonly CompleteConfig[] },
  name: string,
  options: TrainingOptions,
): Promise<Training[]> {
  const named = (config: CompleteConfig): Training => ({ config, name: `${name}-seed${config.seed}` });
  const trainings = configs.map(named);
  const [missing] = await missingOf(trainings, options);
  if (missing === undefined) return trainings;
  const { config } = await preflight(missing.config, options.threads, options.sharedBytes, () => {});
  return configs.map(({ seed }) => named({ ...config, seed }));
}

/** Trainings without a finished run in `out`. */
async function missingOf(trainings: readonly Training[], options: TrainingOptions): Promise<Training[]> {
  const missing: Training[] = [];
  for (const training of trainings) {
    if ((await placeOf(training, options)).run === undefined) missing.push(training);
  }
  return missing;
}

const nameOf = (item: Item) => ('run' in item ? item.run.config.name : item.configs[0]!.name);

const placeOf = ({ name, config }: Training, { out, reporter }: TrainingOptions) =>
  findPlace(out, name, config, (note) => reporter.note(note));

async function runOf(training: Training, options: TrainingOptions, place: string): Promise<EndedRun> {
  const { config, name } = training;
  const { threads, sharedBytes, quiet } = options;
  const { directory, run, interrupted: resume } = await placeOf(training, options);
  if (run !== undefined) return run;
  options.reporter.note(`${resume ? 'going on with' : 'training'} ${name} (${place})`);
  await trainInProcess({ config, threads, sharedBytes, out: directory, resume, quiet });
  return openEnded(directory);
}
