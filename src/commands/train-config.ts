import { availableParallelism } from 'node:os';
import type { ResolvedConfig } from '../config/resolve.js';
import { openDataset } from '../data/open.js';
import { Engine } from '../engine/engine.js';
import { readWeights, setWeights, type Weights } from '../engine/weights.js';
import { ExitCode, UserError } from '../errors.js';
import type { Network } from '../model/network.js';
import { createRunDirectory, runPath } from '../run/directory.js';
import type { RunReporter } from '../run/log.js';
import type { Observer } from '../run/observer.js';
import type { RunSummary } from '../run/summary.js';
import { TrainingRun } from '../run/training.js';
import { findFaults, requireDirectory } from './find-faults.js';

export interface TrainOptions {
  readonly threads: number;
  /** Of the shared memory, at most. */
  readonly sharedBytes: number;
  /** The run directory; undefined for one of its own in `runs`. */
  readonly out?: string | undefined;
  readonly reporter: RunReporter;
  readonly observers?: readonly Observer[];
}

/** From a config to a finished run: what is wrong with either is found before anything is drawn, decoded or trained. */
export async function trainConfig(
  config: ResolvedConfig,
  { threads, sharedBytes, out, reporter, observers = [] }: TrainOptions,
): Promise<{ readonly directory: string; readonly summary: RunSummary }> {
  const { network, source } = await findFaults(config, threads, sharedBytes, (note) => reporter.note(note));
  requireDirectory(out);
  const { init } = config.training;
  const weights = init === undefined ? undefined : readInit(init, network);
  const dataset = await openDataset(config.data, {
    threads: availableParallelism(),
    onProgress: (progress) => reporter.dataProgress(progress),
    source,
    onWarning: (message) => reporter.warning(message),
  });
  const engine = new Engine(config, dataset, { threads, sharedBytes });
  try {
    if (weights !== undefined) setWeights(engine, weights);
    const directory = createRunDirectory({ name: config.name, out });
    reporter.logTo(runPath(directory, 'log'));
    const run = new TrainingRun({ config, dataset, engine, threads, directory, reporter, observers });
    return { directory, summary: await run.run() };
  } finally {
    for (const observer of observers) await observer.close?.();
    await engine.close();
  }
}

/** The file is the command line's, so whatever is wrong with it is a wrong command line. */
function readInit(path: string, network: Network): Weights {
  try {
    return readWeights(path, network);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(error.message, ExitCode.usage, { cause: error });
  }
}
