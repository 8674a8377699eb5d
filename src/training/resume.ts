import { existsSync } from 'node:fs';
import { differences } from '../config/differences.js';
import { parseConfig } from '../config/load.js';
import { resolveConfig } from '../config/resolve.js';
import type { ResolvedConfig } from '../config/resolved.js';
import type { PackedDataset } from '../data/dataset.js';
import { dataError } from '../data/faults.js';
import { fingerprintOf } from '../data/fingerprint.js';
import { ExitCode, UserError } from '../errors.js';
import type { Network } from '../graph/network.js';
import { type Checkpoint, readCheckpoint } from '../runs/checkpoint.js';
import { type RunFile, runPath } from '../runs/directory.js';
import { type InitRecord, initIn } from '../runs/initial-weights.js';
import type { EpochMetrics } from '../runs/metrics.js';
import { type Position, parsePosition } from '../runs/position.js';
import { inFolder } from '../runs/run-data.js';
import { openRun, readEpochs, type SavedRun } from '../runs/saved-run.js';
import { readStepLosses } from '../runs/step-losses.js';
import { partsIn, type TrainingPart } from '../runs/training-parts.js';
import { fitsTo } from '../runs/weights.js';
import { dependsOnEpochs } from '../runtime/schedule.js';
import { readSealed } from '../tensors/sealed.js';

/** What the command line may change of a run that goes on. */
export interface ResumeChanges {
  /** Where its dataset lies now. */
  readonly data?: string | undefined;
  readonly epochs?: number | undefined;
}

/**
 * The run that `--resume` names, with the config that it goes on with.
 * @throws UserError (exit code usage) where the folder holds no run, or it cannot have so many epochs
 */
export function openResumed(directory: string, { data, epochs }: ResumeChanges): SavedRun {
  const run = openRun(directory);
  const config = { ...run.config };
  if (data !== undefined) config.data = inFolder(config.data, data);
  if (epochs !== undefined && epochs !== config.training.epochs) {
    const reason = dependsOnEpochs(config.optimizer);
    if (reason !== undefined) {
      throw new UserError(
        `epochs is ${epochs} (--epochs), but ${directory} is a run of ${config.training.epochs} with ${reason}: every step ` +
          'depends on that number; start a new run from its weights (training.init, --init)',
        ExitCode.usage,
        { path: 'epochs' },
      );
    }
    if (!Number.isSafeInteger(epochs) || epochs < 1)
      throw new UserError(
        `epochs is ${epochs} (--epochs), but needs a whole number of 1 or more`,
        ExitCode.usage,
        { path: 'epochs' },
      );
    const path = runPath(directory, 'config');
    config.training = resolveConfig(
      parseConfig(run.config, path, [`training.epochs=${epochs}`]),
      path,
    ).training;
  }
  return { ...run, config };
}

/** Where a run goes on. */
export interface ResumePoint {
  readonly checkpoint: Checkpoint;
  readonly position: Position;
  readonly epochs: readonly EpochMetrics[];
  readonly parts: readonly TrainingPart[];
  /** What the run started from, but for the initializers. */
  readonly init: InitRecord | undefined;
}

/**
 * undefined where the run was cut off before its first checkpoint, and begins anew.
 * @throws UserError where the checkpoint is not good, or the run's other files do not fit it
 */
export function readResumePoint({ directory, config }: SavedRun, network: Network): ResumePoint | undefined {
  const path = runPath(directory, 'checkpoint');
  if (!existsSync(path)) {
    requireNothingDone(directory, path);
    return undefined;
  }
  const checkpoint = readCheckpoint(path, network, config.optimizer);
  const position = parsePosition(checkpoint.metadata['position'], path);
  requireSameConfig(directory, config, checkpoint);
  // Of an epoch that is begun, the weights before it are gone.
  const begun = position.epoch + (position.done.steps > 0 ? 1 : 0);
  if (config.training.epochs < begun) {
    throw new UserError(
      `epochs is ${config.training.epochs} (--epochs), but ${directory} has ${begun > position.epoch ? `begun epoch ${begun}` : `done ${begun}`}`,
      ExitCode.usage,
      { path: 'epochs' },
    );
  }
  const epochs = readEpochs(directory);
  if (epochs.length < position.epoch) {
    throw dataError(
      `${runPath(directory, 'metrics')} holds ${epochs.length} epochs, and the checkpoint is of ${position.epoch}; it has been changed since`,
    );
  }
  requireBest(directory, position, config.training.epochs, network);
  const parts = partsIn(checkpoint.metadata['parts']);
  const init = initIn(checkpoint.metadata);
  return { checkpoint, position, epochs: epochs.slice(0, position.epoch), parts, init };
}

/** @throws UserError (exit code data) where the run has steps behind it: beginning anew would lose them */
function requireNothingDone(directory: string, checkpoint: string): void {
  const has = (file: RunFile) => existsSync(runPath(directory, file));
  if (readEpochs(directory).length + readStepLosses(directory).length === 0 && !has('best') && !has('model'))
    return;
  throw dataError(
    `${checkpoint} is not there, and the run has been trained: without it, it cannot go on. Put it back, or start a new run` +
      (has('best') ? ` from its best weights (training.init, --init ${runPath(directory, 'best')})` : ''),
  );
}

/** @throws UserError (exit code data) where the run would end without the weights of its best epoch, or with another's */
function requireBest(directory: string, { best, epoch }: Position, epochs: number, network: Network): void {
  if (best === undefined) return;
  const path = runPath(directory, 'best');
  const found = epochOfBest(path, directory, network);
  // A run that was cut off may have saved those of an epoch that is now repeated.
  if (found === best.epoch || (found === epoch + 1 && found <= epochs)) return;
  throw dataError(
    `${path} holds the weights of epoch ${found}, and the best of the ${epoch} epochs up to the checkpoint is ${best.epoch}` +
      `${found === epoch + 1 ? `; at least ${found} epochs are needed (--epochs)` : '; it has been changed since'}`,
  );
}

/** Better known to be damaged now than at the end. */
function epochOfBest(path: string, directory: string, network: Network): number {
  try {
    return Number(readSealed(path, { check: fitsTo(path, network), links: false }).metadata['epoch']);
  } catch (error) {
    if (!(error instanceof UserError) || error.exitCode === ExitCode.environment) throw error;
    throw dataError(
      `${error.message}. The run needs it at its end; without a copy, start a new one from the checkpoint (training.init, --init ${runPath(directory, 'checkpoint')})`,
    );
  }
}

/** All of a config that says what a training's next step does. The data has a fingerprint of its own. */
function decisive({ model, loss, optimizer, training, seed }: ResolvedConfig) {
  const { epochs, ...rest } = training;
  return {
    model,
    loss,
    optimizer,
    seed,
    training: dependsOnEpochs(optimizer) === undefined ? rest : training,
  };
}

/** @throws UserError (exit code usage) where someone has changed the run's config since the checkpoint */
function requireSameConfig(directory: string, config: ResolvedConfig, { metadata }: Checkpoint): void {
  const source = `the config in ${runPath(directory, 'checkpoint')}`;
  const trained = resolveConfig(parseConfig(JSON.parse(metadata['config'] ?? 'null'), source), source);
  const [changed] = differences(decisive(trained), decisive(config));
  if (changed === undefined) return;
  throw new UserError(
    `${runPath(directory, 'config')} has been changed since the checkpoint: ${changed.path} was ${JSON.stringify(changed.a)} and is ` +
      `${JSON.stringify(changed.b)}, so going on would not give the bits of a run in one piece. Change it back, or start a new run from its weights (training.init, --init)`,
    ExitCode.usage,
  );
}

/** @throws UserError (exit code data) where the checkpoint's training has seen another dataset */
export function requireSameData(
  { checkpoint }: ResumePoint,
  dataset: PackedDataset,
  config: ResolvedConfig,
): void {
  if (checkpoint.metadata['fingerprint'] === fingerprintOf(dataset)) return;
  throw dataError(
    `${config.data.dir} is not the dataset that this run was begun with: its images, labels or classes differ, or data.features does, so going on would ` +
      'not give the bits of a run in one piece. Give the folder (data, --data), or start a new run from its weights (training.init, --init)',
  );
}
