import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { splitNames } from '../data/dataset.js';
import { ExitCode, UserError } from '../errors.js';
import type { Network } from '../graph/network.js';
import type { Engine } from '../runtime/engine.js';
import { nothingDone } from '../runtime/phase.js';
import { afterEpoch, type Plateau } from '../runtime/plateau.js';
import { readSafetensorsHeader } from '../tensors/safetensors.js';
import { readSealed } from '../tensors/sealed.js';
import { takeModel, takeSnapshot } from './checkpoint.js';
import { type RunFile, runFiles, runPath } from './directory.js';
import { metricsOf } from './metrics.js';
import { parsePosition } from './position.js';
import type { SavedRun } from './saved-run.js';
import { readStepLosses, requireStepLosses } from './step-losses.js';
import type { RunSummary } from './summary.js';
import { type TensorDifference, weightDifferences } from './weight-difference.js';
import { fitsTo, hashWeights } from './weights.js';

/** What a repetition of a run's epochs found. */
export interface Verification {
  readonly agrees: boolean;
  /** Epochs that were repeated. */
  readonly epochs: number;
  /** SHA-256 of the repetition's weights at its end. */
  readonly weightsSha256: string;
  /** Where the two part, as near as the run's files tell; undefined where they agree. */
  readonly difference: Difference | undefined;
}

export interface Difference {
  readonly epoch: number;
  /** The first step, from 1, whose loss is another; undefined where the losses are the same, and only what follows them is not. */
  readonly step: number | undefined;
  readonly what: 'training loss' | 'metrics' | 'weights' | 'summary';
  /** The first weights that the run kept from that epoch on, and how they differ; undefined where it kept none. */
  readonly weights:
    | { readonly file: string; readonly epoch: number; readonly tensors: readonly TensorDifference[] }
    | undefined;
}

/**
 * Trains the first `epochs` epochs of a run again, and holds each step's loss, each validation and each of the weights that it kept
 * against the run's files, bit by bit.
 * @param engine of the run's config and data, as it is before the first epoch
 * @param onEpoch hears after each epoch whether it was the same so far
 * @throws UserError (exit code data) where the run's files do not hold so many epochs
 */
export async function verifyRun(
  run: SavedRun,
  engine: Engine,
  epochs: number,
  onEpoch: (epoch: number, same: boolean) => void,
): Promise<Verification> {
  const losses = readStepLosses(run.directory);
  const { steps } = engine;
  requireStepLosses(run.directory, losses.length, epochs * steps);
  const kept = keptWeights(run, engine.network);
  let difference: Difference | undefined;
  let epoch = 1;
  let plateau: Plateau | undefined;
  for (; epoch <= epochs && difference?.weights === undefined; epoch++) {
    const { totals } = await engine.train(epoch, nothingDone, steps, plateau?.factor);
    const train = metricsOf(totals);
    const validation = metricsOf((await engine.evaluate('validation')).totals);
    plateau = afterEpoch(run.config.optimizer, plateau, validation);
    const recorded = losses.subarray((epoch - 1) * steps, epoch * steps);
    const step = firstDifference(recorded, engine.stepLosses(0, recorded.length));
    const said = run.epochs[epoch - 1];
    const isSame = isDeepStrictEqual(
      { train, validation },
      { train: said?.train, validation: said?.validation },
    );
    if (step >= 0) difference ??= { epoch, step: step + 1, what: 'training loss', weights: undefined };
    if (!isSame) difference ??= { epoch, step: undefined, what: 'metrics', weights: undefined };
    for (const file of kept.get(epoch) ?? []) {
      const tensors = differingTensors(run, file, engine);
      if (tensors.length === 0) continue;
      difference ??= { epoch, step: undefined, what: 'weights', weights: undefined };
      difference = { ...difference, weights: { file: runFiles[file], epoch, tensors } };
      break;
    }
    onEpoch(epoch, difference === undefined);
  }
  const weightsSha256 = hashWeights(engine);
  const isEnd = run.summary?.status === 'completed' && epoch > run.config.training.epochs;
  if (isEnd && !(await isSummarized(run.summary!, engine, weightsSha256)))
    difference ??= { epoch: epoch - 1, step: undefined, what: 'summary', weights: undefined };
  return { agrees: difference === undefined, epochs: epoch - 1, weightsSha256, difference };
}

/** Whether the summary says what the engine finds of the last weights. */
async function isSummarized(summary: RunSummary, engine: Engine, weightsSha256: string): Promise<boolean> {
  if (summary.weightsSha256 !== weightsSha256) return false;
  for (const split of splitNames) {
    const found = metricsOf((await engine.evaluate(split)).totals);
    if (!isDeepStrictEqual(found, summary.final?.[split])) return false;
  }
  return true;
}

/** Index of the first value that is another, -1 where there is none. */
const firstDifference = (a: Float64Array, b: Float64Array): number =>
  a.findIndex((value, i) => !Object.is(value, b[i]));

/**
 * Of each epoch the files that hold the weights after it.
 * @throws UserError where a file that the run kept is not there, is another network's, or of an epoch whose weights it cannot be
 */
function keptWeights({ directory, config, summary }: SavedRun, network: Network): Map<number, RunFile[]> {
  const kept = new Map<number, RunFile[]>();
  for (const file of ['model', 'best', 'checkpoint'] as const) {
    const path = runPath(directory, file);
    if (!existsSync(path)) {
      if (isPromised[file](summary)) throw gone(path);
      continue;
    }
    const header = readSafetensorsHeader(path, { links: false });
    fitsTo(path, network)(header);
    const { metadata } = header;
    if (file === 'checkpoint' && parsePosition(metadata['position'], path).done.steps !== 0) continue;
    const epoch = file === 'model' ? config.training.epochs : Number(metadata['epoch']);
    if (file === 'best') requireBest(path, metadata['epoch'], summary?.best?.epoch, config.training.epochs);
    kept.set(epoch, [...(kept.get(epoch) ?? []), file]);
  }
  return kept;
}

/** Whether the summary says that the run kept the file. */
const isPromised: Record<'model' | 'best' | 'checkpoint', (summary: SavedRun['summary']) => boolean> = {
  model: (summary) => summary?.status === 'completed',
  best: (summary) => summary?.best !== undefined,
  checkpoint: () => false,
};

const gone = (path: string) =>
  new UserError(
    `${path}: is not there, but summary.json tells of it; take another copy of it`,
    ExitCode.data,
  );

/** The best weights are those after the epoch that the summary names; of a run without one, after any of its epochs. */
function requireBest(
  path: string,
  found: string | undefined,
  said: number | undefined,
  epochs: number,
): void {
  const epoch = Number(found);
  if (said === undefined ? Number.isInteger(epoch) && epoch >= 1 && epoch <= epochs : epoch === said) return;
  const expected = said === undefined ? `1 to ${epochs}` : `${said}, the best by summary.json`;
  throw new UserError(
    `${path}: found weights of epoch ${found ?? '(none)'}, expected ${expected}; take another copy of it`,
    ExitCode.data,
  );
}

function differingTensors({ directory }: SavedRun, file: RunFile, engine: Engine): TensorDifference[] {
  const path = runPath(directory, file);
  const { tensors } = readSealed(path, { check: fitsTo(path, engine.network), links: false });
  return weightDifferences(tensors, file === 'checkpoint' ? takeSnapshot(engine) : takeModel(engine));
}
