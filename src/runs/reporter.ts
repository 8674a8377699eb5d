import type { MetricName } from '../config/schema.js';
import type { SplitName } from '../data/dataset.js';
import type { DataProgress } from '../data/open.js';
import type { RankMember } from '../runtime/group.js';
import type { Ending } from './ending.js';
import type { AllSplits, EpochMetrics } from './metrics.js';

export interface RunStart {
  readonly name: string;
  readonly parameters: number;
  readonly layers: number;
  readonly samples: Readonly<Record<SplitName, number>>;
  /** Of this process. */
  readonly threads: number;
  /** Where several ranks train together. */
  readonly distributed?: DistributedStart;
  readonly batchSize: number;
  readonly epochs: number;
  readonly directory: string;
  /** `trainLossExtras` */
  readonly trainLossWith: readonly string[];
}

export interface DistributedStart {
  /** What carries the ranks' messages, in words. */
  readonly carrier: string;
  /** `[ranks]` */
  readonly ranks: readonly (RankMember & {
    /** Of a mini-batch's samples, 0 to 1. */ readonly share: number;
  })[];
}

export interface StepProgress {
  /** Counts from 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps done in this epoch, of `steps`. */
  readonly step: number;
  readonly steps: number;
  /** Of the epoch so far, nats per sample. */
  readonly loss: number;
  /** Of the epoch so far, 0 to 1. */
  readonly top1: number;
  readonly imagesPerSecond: number;
  /** Of the last step. */
  readonly learningRate: number;
  /** Of each thread the fraction of the time, 0 to 1, that it did not wait, since the last report. */
  readonly load: readonly number[];
  /** The same of each rank's coordinator, and that it did not wait for other ranks; one number where there is one process. */
  readonly rankLoad: readonly number[];
}

/** One step, as a callback is told. */
export interface StepReport {
  /** From 1. */
  readonly epoch: number;
  /** From 1 in each epoch. */
  readonly step: number;
  /** Of the epoch. */
  readonly steps: number;
  /** Of the step's samples, nats per sample. */
  readonly loss: number;
  /** Of the step's samples, a fraction from 0 to 1. */
  readonly top1: number;
  readonly samples: number;
  readonly learningRate: number;
}

export interface EpochReport extends EpochMetrics {
  /** Whether its validation is the best so far, by `training.bestBy`. */
  readonly best: boolean;
}

export interface RunEnd {
  /** Of the final model. */
  readonly metrics: AllSplits;
  readonly best: { readonly epoch: number } & Pick<AllSplits, 'validation' | 'test'>;
  readonly bestBy: MetricName;
  /** Whether the final model is the best weights. */
  readonly isBest: boolean;
  readonly end: Ending;
  /** Why it ended before its last epoch, a clause; null where it did not. */
  readonly why: string | null;
  readonly directory: string;
  readonly seconds: number;
  /** SHA-256 (hex) of the trained weights. */
  readonly weightsHash: string;
}

/** Who tells the user what a run does. The training reports events and does not know how they are shown. */
export interface Reporter {
  dataProgress(progress: DataProgress): void;
  start(start: RunStart): void;
  /** At most about ten times a second. */
  step(progress: StepProgress): void;
  epoch(report: EpochReport): void;
  /** What was decided for the user, and is no fault. */
  note(message: string): void;
  warning(message: string): void;
  end(end: RunEnd): void;
  error(message: string): void;
  /** Leaves the terminal as it was found. Call it whatever happens; again does no harm. */
  close(): void;
}

/** One reporter that passes every event to each of `reporters`. */
export function reportToAll(reporters: readonly Reporter[]): Reporter {
  return {
    dataProgress: (progress) => reporters.forEach((reporter) => void reporter.dataProgress(progress)),
    start: (start) => reporters.forEach((reporter) => void reporter.start(start)),
    step: (progress) => reporters.forEach((reporter) => void reporter.step(progress)),
    epoch: (report) => reporters.forEach((reporter) => void reporter.epoch(report)),
    note: (message) => reporters.forEach((reporter) => void reporter.note(message)),
    warning: (message) => reporters.forEach((reporter) => void reporter.warning(message)),
    end: (end) => reporters.forEach((reporter) => void reporter.end(end)),
    error: (message) => reporters.forEach((reporter) => void reporter.error(message)),
    close: () => reporters.forEach((reporter) => void reporter.close()),
  };
}
