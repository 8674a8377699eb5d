import { type EndedRun, type Entry, uniqueNames } from '../compare/entry.js';
import { findPlace, openEnded } from '../compare/saved.js';
import type { ResolvedConfig } from '../config/resolve.js';
import type { Reporter } from '../run/reporter.js';
import { findFaults } from './find-faults.js';
import { trainInProcess } from './train-process.js';

/** What is to be compared: a config, once for each seed, or a run. */
export type Item =
  | { readonly from: string; readonly configs: readonly ResolvedConfig[] }
  | { readonly from: string; readonly run: EndedRun };

export interface TrainingOptions {
  /** The folder that holds the trainings. */
  readonly out: string;
  readonly threads: number;
  readonly sharedBytes: number;
  readonly quiet: boolean;
  readonly reporter: Reporter;
}

interface Training {
  readonly config: ResolvedConfig;
  /** `improved-seed1` */
  readonly name: string;
}

/**
 * The items with all of their runs: those that `out` holds already, and the others trained, one after the other. A training that diverges
 * is one of the results.
 */
export async function trainItems(items: readonly Item[], options: TrainingOptions): Promise<Entry[]> {
  const names = uniqueNames(items.map((item) => nameOf(item)));
  const planned = items.map((item, i) => ({ item, name: names[i]! }));
  const trainings = planned.flatMap(({ item, name }) =>
    'configs' in item ? trainingsOf(item.configs, name) : [],
  );
  const missing = trainings.filter(
    ({ config, name }) => findPlace(options.out, name, config).run === undefined,
  );
  // What is wrong with the last one is better known before the first one has trained.
  for (const { config } of missing) {
    await findFaults(config, options.threads, options.sharedBytes, () => {});
  }
  if (trainings.length > missing.length) {
    options.reporter.note(
      `${trainings.length - missing.length} of ${trainings.length} trainings are in ${options.out} already`,
    );
  }
  const entries: Entry[] = [];
  for (const { item, name } of planned) {
    if ('run' in item) {
      entries.push({ name, from: item.from, config: item.run.config, runs: [item.run] });
      continue;
    }
    const runs: EndedRun[] = [];
    for (const training of trainingsOf(item.configs, name)) {
      const number = missing.findIndex((other) => other.name === training.name) + 1;
      runs.push(await runOf(training, options, `${number} of ${missing.length}`));
    }
    entries.push({ name, from: item.from, config: item.configs[0]!, runs });
  }
  return entries;
}

const nameOf = (item: Item) => ('run' in item ? item.run.config.name : item.configs[0]!.name);

const trainingsOf = (configs: readonly ResolvedConfig[], name: string): Training[] =>
  configs.map((config) => ({ config, name: `${name}-seed${config.seed}` }));

async function runOf({ config, name }: Training, options: TrainingOptions, place: string): Promise<EndedRun> {
  const { out, threads, sharedBytes, quiet } = options;
  const { directory, run, interrupted: resume } = findPlace(out, name, config);
  if (run !== undefined) return run;
  options.reporter.note(`${resume ? 'going on with' : 'training'} ${name} (${place})`);
  await trainInProcess({ config, threads, sharedBytes, out: directory, resume, quiet });
  return openEnded(directory);
}
