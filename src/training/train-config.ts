import type { CompleteConfig, ResolvedConfig } from '../config/resolved.js';
import { requireSameClasses } from '../data/same-classes.js';
import { ExitCode, UserError } from '../errors.js';
import { type Claim, claim } from '../files/claim.js';
import { removeOthers } from '../files/temporary.js';
import { keepTouched } from '../files/touch.js';
import type { Network } from '../graph/network.js';
import { requireRuntime } from '../platform/machine.js';
import { NodeEngine } from '../platform/node-engine.js';
import { restore } from '../runs/checkpoint.js';
import { createRunDirectory, isUnbegun, requireFree, runPath } from '../runs/directory.js';
import { type InitialWeights, readInitialWeights } from '../runs/initial-weights.js';
import type { RunReporter } from '../runs/log.js';
import type { SavedRun } from '../runs/saved-run.js';
import type { RunSummary } from '../runs/summary.js';
import { type TrainingOptions, TrainingRun } from '../runs/training.js';
import type { Group } from '../runtime/group.js';
import { preflight, requireDirectory } from './preflight.js';
import { readResumePoint, requireSameData } from './resume.js';
import { openTogether, together } from './together.js';

export interface TrainOptions
  extends Pick<TrainingOptions, 'callbacks' | 'controls' | 'checkpointEvery' | 'maxSeconds'> {
  readonly threads: number;
  /** Of the shared memory, at most. */
  readonly sharedBytes: number | undefined;
  /** The run directory; undefined for one of its own in `runs`. */
  readonly out?: string | undefined;
  /** Names of the classes that the dataset must have, in label order; undefined where any will do. */
  readonly classes?: readonly string[] | undefined;
  /** The run that goes on, in its own directory; the config is its config. */
  readonly resume?: SavedRun | undefined;
  readonly reporter: RunReporter;
  /** Aborted before there is a run directory, none is made, and its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Of which this process is rank 0; the others `follow`. */
  readonly group?: Group | undefined;
}

/** From a config to a finished run: what is wrong with either is found before anything is drawn, decoded or trained. */
export async function trainConfig(
  complete: CompleteConfig,
  { threads, sharedBytes, out, classes: expected, resume, reporter, group, signal, ...options }: TrainOptions,
): Promise<{ readonly directory: string; readonly summary: RunSummary }> {
  const waiting = { onWait: (note: string) => reporter.note(note) };
  let claimed: Claim | undefined;
  let letGo = () => {};
  let engine: NodeEngine | undefined;
  try {
    const { config, source, from, initial } = await together(group, async () => {
      if (resume !== undefined) claimed = await claim(resume.directory, waiting);
      requireRuntime();
      const note = (text: string) => reporter.note(text);
      const { network, classes, ...checked } = await preflight(complete, threads, sharedBytes, note, group);
      if (expected !== undefined) requireSameClasses(checked.config.data.dir, expected, classes);
      if (resume === undefined) requireDirectory(out);
      const from = resume && readResumePoint(resume, network);
      const initial = from === undefined ? readInit(checked.config, network, classes) : undefined;
      return { ...checked, from, initial };
    });
    for (const note of initial?.notes ?? []) reporter.note(note);
    const dataset = await openTogether(group, config.data, source, reporter);
    letGo = keepTouched(dataset.path); // another packing removes what has lain unused for a day
    const directory = await together(group, async () => {
      signal?.throwIfAborted();
      if (from !== undefined) requireSameData(from, dataset, config);
      engine = new NodeEngine(config, dataset, { threads, sharedBytes, group });
      initial?.put(engine);
      if (from !== undefined) restore(engine, from.checkpoint);
      if (resume !== undefined) return resume.directory;
      // What is there already, a run has left that was cut off before it had begun.
      const made = out !== undefined && isUnbegun(out) ? out : createRunDirectory({ name: config.name, out });
      claimed = await claim(made, waiting);
      // While this one waited, the other one may have begun.
      requireFree(made);
      return made;
    });
    engine!.lead();
    removeOthers(directory, () => true);
    reporter.logTo(runPath(directory, 'log'), claimed!.require);
    const shared = { config, dataset, engine: engine!, directory, reporter, requireClaim: claimed!.require };
    const init = initial?.record ?? from?.init;
    const run = new TrainingRun({ ...shared, ...options, from, init });
    return { directory, summary: await run.run() };
  } finally {
    // One that cannot even be closed changes nothing of how the training ended.
    await Promise.allSettled((options.callbacks ?? []).map(async (callback) => callback.close?.()));
    await engine?.close();
    letGo();
    claimed?.release();
  }
}

/**
 * What `training.init` names; undefined where it names nothing. The file is the command line's, so whatever is wrong with it is a wrong
 * command line.
 */
export function readInit(
  config: ResolvedConfig,
  network: Network,
  classes: readonly string[],
): InitialWeights | undefined {
  const { init } = config.training;
  if (init === undefined) return undefined;
  try {
    return readInitialWeights(init, config, network, classes);
  } catch (error) {
    if (!(error instanceof UserError) || error.exitCode === ExitCode.environment) throw error;
    throw new UserError(error.message, ExitCode.usage, { cause: error, path: 'training.init' });
  }
}
