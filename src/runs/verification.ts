import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { type SplitName, splitNames } from '../data/dataset.js';
import { ExitCode, UserError } from '../errors.js';
import type { Network } from '../graph/network.js';
import type { Engine } from '../runtime/engine.js';
import { nothingDone } from '../runtime/phase.js';
import { afterEpoch, type Plateau } from '../runtime/plateau.js';
import { readSafetensorsHeader, type SafetensorsHeader } from '../tensors/safetensors.js';
import { readSealed } from '../tensors/sealed.js';
import { type Snapshot, takeModel, takeSnapshot } from './checkpoint.js';
import { type RunFile, runFiles, runPath } from './directory.js';
import { evaluationMetrics, metricsOf, type SplitMetrics } from './metrics.js';
import { parsePosition } from './position.js';
import type { SavedRun } from './saved-run.js';
import { readStepLosses, requireStepLosses } from './step-losses.js';
import { type TensorDifference, weightDifferences } from './weight-difference.js';
import { fitsTo, hashWeights, setModelWeights, weightsIn } from './weights.js';

/** What a repetition of a run's epochs found. */
export interface Verification {
  readonly agrees: boolean;
  /** Epochs that were repeated. */
  readonly epochs: number;
  /** Steps that were repeated after them, where --max-time ended the run there. */
  readonly steps: number;
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
 * against the run's files, bit by bit. Where that is all epochs of a run that --max-time has ended, the steps after them too.
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
  const isWhole = epochs === run.epochs.length && run.summary?.status === 'completed';
  const rest = (isWhole && run.summary?.end?.steps) || 0;
  requireStepLosses(run.directory, losses.length, epochs * steps + rest);
  const kept = keptWeights(run, engine.network);
  const { earlyStopping } = run.config.training;
  const restored = earlyStopping?.restoreBest === true ? run.summary?.best?.epoch : undefined;
  let difference: Difference | undefined;
  let epoch = 1;
  let plateau: Plateau | undefined;
  let best: Snapshot | undefined;
  const compareLosses = (end: number) => {
    const recorded = losses.subarray((epoch - 1) * steps, (epoch - 1) * steps + end);
    const step = firstDifference(recorded, engine.stepLosses(0, recorded.length));
    if (step >= 0) difference ??= { epoch, step: step + 1, what: 'training loss', weights: undefined };
  };
  const compareWeights = (step: number) => {
    for (const file of kept.get(placeOf(epoch, step)) ?? []) {
      const tensors = differingTensors(run, file, engine);
      if (tensors.length === 0) continue;
      difference ??= { epoch, step: undefined, what: 'weights', weights: undefined };
      difference = { ...difference, weights: { file: runFiles[file], epoch, tensors } };
      break;
    }
  };
  for (; epoch <= epochs && difference?.weights === undefined; epoch++) {
    const { totals } = await engine.train(epoch, nothingDone, steps, plateau?.factor);
    const train = metricsOf(totals);
    const validation = await evaluate(run, engine, 'validation');
    plateau = afterEpoch(run.config.optimizer, plateau, validation);
    if (epoch === restored) best = takeModel(engine);
    const said = run.epochs[epoch - 1];
    const isSame = isDeepStrictEqual(
      { train, validation },
      { train: said?.train, validation: said?.validation },
    );
    compareLosses(steps);
    if (!isSame) difference ??= { epoch, step: undefined, what: 'metrics', weights: undefined };
    compareWeights(0);
    onEpoch(epoch, difference === undefined);
  }
  if (rest > 0 && difference?.weights === undefined) {
    await engine.train(epoch, nothingDone, rest, plateau?.factor);
    compareLosses(rest);
    compareWeights(rest);
  }
  if (isWhole && best !== undefined) setModelWeights(engine, weightsIn(best, engine.network));
  const weightsSha256 = hashWeights(engine);
  const isEnd = isWhole && epoch > epochs;
  if (isEnd && !(await isSummarized(run, engine, weightsSha256)))
    difference ??= { epoch: epoch - 1, step: undefined, what: 'summary', weights: undefined };
  return {
    agrees: difference === undefined,
    epochs: epoch - 1,
    steps: epoch > epochs ? rest : 0,
    weightsSha256,
    difference,
  };
}

async function evaluate({ config }: SavedRun, engine: Engine, split: SplitName): Promise<SplitMetrics> {
  const { totals } = await engine.evaluate(split);
  return evaluationMetrics(config, engine, split, totals);
}

/** Whether the summary says what the engine finds of the final model. */
async function isSummarized(run: SavedRun, engine: Engine, weightsSha256: string): Promise<boolean> {
  const summary = run.summary!;
  if (summary.weightsSha256 !== weightsSha256) return false;
  for (const split of splitNames) {
    const found = await evaluate(run, engine, split);
    if (!isDeepStrictEqual(found, summary.final?.[split])) return false;
  }
  return true;
}

/** Index of the first value that is another, -1 where there is none. */
const firstDifference = (a: Float64Array, b: Float64Array): number =>
  a.findIndex((value, i) => !Object.is(value, b[i]));

/**
 * Of each place in the training, see `placeOf`, the files that hold the weights there.
 * @throws UserError where a file that the run kept is not there, is another network's, or of an epoch whose weights it cannot be
 */
function keptWeights({ directory, config, summary }: SavedRun, network: Network): Map<string, RunFile[]> {
  const kept = new Map<string, RunFile[]>();
  for (const file of ['model', 'best', 'checkpoint'] as const) {
    const path = runPath(directory, file);
    if (!existsSync(path)) {
      if (isPromised[file](summary)) throw gone(path);
      continue;
    }
    const header = readSafetensorsHeader(path, { links: false });
    fitsTo(path, network)(header);
    const { metadata } = header;
    if (file === 'best') requireBest(path, metadata['epoch'], summary?.best?.epoch, config.training.epochs);
    const place = file === 'checkpoint' ? placeOfCheckpoint(metadata, path) : placeOfModel(metadata, config);
    kept.set(place, [...(kept.get(place) ?? []), file]);
  }
  return kept;
}

/** After an epoch, or after `steps` steps of it where it was cut off. */
const placeOf = (epoch: number, steps: number): string => `${epoch}, ${steps}`;

/** The last weights of earlier versions do not say their epoch. */
const placeOfModel = (metadata: SafetensorsHeader['metadata'], { training }: SavedRun['config']): string =>
  placeOf(Number(metadata['epoch'] ?? training.epochs), Number(metadata['steps'] ?? 0));

function placeOfCheckpoint(metadata: SafetensorsHeader['metadata'], path: string): string {
  const { epoch, done } = parsePosition(metadata['position'], path);
  return done.steps > 0 ? placeOf(epoch + 1, done.steps) : placeOf(epoch, 0);
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
    { path },
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
    { path },
  );
}

function differingTensors({ directory }: SavedRun, file: RunFile, engine: Engine): TensorDifference[] {
  const path = runPath(directory, file);
  const { tensors } = readSealed(path, { check: fitsTo(path, engine.network), links: false });
  return weightDifferences(tensors, file === 'checkpoint' ? takeSnapshot(engine) : takeModel(engine));
}
