import type { PackedDataset } from '../data/dataset.js';
import type { Engine } from '../runtime/engine.js';
import type { EpochReport, StepReport } from './reporter.js';
import type { RunSummary } from './summary.js';

/**
 * What a callback may say: with `'stop'` the training ends here as a finished run, evaluated and saved. What is no text says nothing, so that
 * `(e) => losses.push(e.train.loss)` and `(e) => e.epoch > 3 && 'stop'` are callbacks; another text is refused.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing says nothing.
export type Answer = 'stop' | void | null | boolean | number;

/** The functions of a callback. */
export const callbackEvents = ['start', 'step', 'epoch', 'checkpoint', 'end', 'close'] as const;

/** Looks at a training between two of its parts, when all of its memory is the main thread's. The training waits for it. */
export interface Callback {
  /** Before the first epoch. */
  start?(training: ObservedTraining): void | Promise<void>;
  /** After each step. The threads stop for it: leave it out where an epoch is often enough. */
  step?(step: StepReport, training: ObservedTraining): Answer | Promise<Answer>;
  /** After each epoch: trained, validated, and saved. */
  epoch?(epoch: EpochReport, training: ObservedTraining): Answer | Promise<Answer>;
  /** After a checkpoint has been written. */
  checkpoint?(checkpoint: CheckpointReport, training: ObservedTraining): Answer | Promise<Answer>;
  /** After the training has ended, as a finished run or one that can go on, with what `summary.json` holds; its engine is closed. */
  end?(summary: RunSummary): void | Promise<void>;
  /** However the training ends, also by an error. */
  close?(): void | Promise<void>;
}

export interface ObservedTraining {
  readonly engine: Engine;
  readonly dataset: PackedDataset;
  /** The run directory. */
  readonly directory: string;
  /** Whether the engine's gradients are the last step's: a training that goes on after an epoch's last step has none. */
  readonly hasGradients: boolean;
}

export interface CheckpointReport {
  /** Whole epochs that the checkpoint holds, and steps of the next. */
  readonly epoch: number;
  readonly step: number;
  readonly path: string;
}
