import type { PackedDataset } from '../data/dataset.js';
import type { Engine } from '../runtime/engine.js';
import type { EpochReport } from './reporter.js';

/** Looks at a training between two phases, when all of its memory is the main thread's. Training waits for it. */
export interface Observer {
  /** Before the first epoch. */
  started?(training: ObservedTraining): void | Promise<void>;
  /** After each epoch: trained, validated, and saved. */
  epochEnded?(epoch: EpochReport, training: ObservedTraining): void | Promise<void>;
  /** However the training ends. */
  close?(): void | Promise<void>;
}

export interface ObservedTraining {
  readonly engine: Engine;
  readonly dataset: PackedDataset;
  readonly directory: string;
  /** Whether the engine's gradients are the last step's: a training that goes on after an epoch's last step has none. */
  readonly hasGradients: boolean;
}
