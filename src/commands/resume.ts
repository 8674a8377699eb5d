import { existsSync } from 'node:fs';
import type { ResolvedConfig } from '../config/resolve.js';
import type { PackedDataset } from '../data/dataset.js';
import { dataError } from '../data/faults.js';
import { fingerprintOf } from '../data/fingerprint.js';
import { type Checkpoint, readCheckpoint } from '../engine/checkpoint.js';
import { ExitCode, UserError } from '../errors.js';
import type { Network } from '../model/network.js';
import { runPath } from '../run/directory.js';
import type { EpochMetrics } from '../run/metrics.js';
import { type Position, parsePosition } from '../run/position.js';
import { openRun, readEpochs, type SavedRun } from '../run/saved-run.js';

/** What the command line may change of a run that goes on. */
export interface ResumeChanges {
  /** Where its dataset lies now. */
  readonly data?: string | undefined;
  readonly epochs?: number | undefined;
}

/** The run that `--resume` names, with the config that it goes on with. */
export function openResumed(directory: string, { data, epochs }: ResumeChanges): SavedRun {
  const run = openRun(directory);
  const config = { ...run.config };
  if (data !== undefined) {
    const { generate: _, ...rest } = config.data;
    config.data = { ...rest, dir: data };
  }
  if (epochs !== undefined && epochs !== config.training.epochs) {
    if (config.optimizer.schedule.type === 'cosine') {
      throw new UserError(
        `--epochs is ${epochs}, but ${directory} is a run of ${config.training.epochs} with a cosine schedule, whose every step ` +
          'depends on that number; start a new run with --init',
        ExitCode.usage,
      );
    }
    config.training = { ...config.training, epochs };
  }
  return { ...run, config };
}

/** Where a run goes on. */
export interface ResumePoint {
  readonly checkpoint: Checkpoint;
  readonly position: Position;
  readonly epochs: readonly EpochMetrics[];
}

/**
 * undefined where the run was cut off before its first checkpoint, and begins anew.
 * @throws UserError where the checkpoint is not good, or the run's other files do not fit it
 */
export function readResumePoint({ directory, config }: SavedRun, network: Network): ResumePoint | undefined {
  const path = runPath(directory, 'checkpoint');
  if (!existsSync(path)) return undefined;
  const checkpoint = readCheckpoint(path, network);
  const position = parsePosition(checkpoint.metadata['position'], path);
  if (config.training.epochs < position.epoch) {
    throw new UserError(
      `--epochs is ${config.training.epochs}, but ${directory} has done ${position.epoch}`,
      ExitCode.usage,
    );
  }
  const epochs = readEpochs(directory);
  if (epochs.length < position.epoch) {
    throw dataError(
      `${runPath(directory, 'metrics')} holds ${epochs.length} epochs, and the checkpoint is of ${position.epoch}; it has been changed since`,
    );
  }
  return { checkpoint, position, epochs: epochs.slice(0, position.epoch) };
}

/** @throws UserError (exit code data) where the checkpoint's training has seen another dataset */
export function requireSameData(
  { checkpoint }: ResumePoint,
  dataset: PackedDataset,
  config: ResolvedConfig,
): void {
  if (checkpoint.metadata['fingerprint'] === fingerprintOf(dataset)) return;
  throw dataError(
    `${config.data.dir} is not the dataset that this run was begun with: its images, labels or classes differ, so going on would ` +
      'not give the bits of a run in one piece. Give the folder with --data, or start a new run with --init',
  );
}
