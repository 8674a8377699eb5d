import type { SplitName } from '../data/dataset.js';
import { appendToFile, writeFileWhole } from '../files/whole-file.js';
import type { PhaseTotals } from '../runtime/phase.js';
import { runPath } from './directory.js';

/** How well the model does on a split. */
export interface SplitMetrics {
  readonly samples: number;
  /** Mean cross entropy, nats per sample; of training what is made smaller: with class weights, smoothing and mixtures. */
  readonly loss: number;
  /** Fraction of the samples, 0 to 1, whose label has the largest output. */
  readonly top1: number;
  /** Fraction of the samples, 0 to 1, whose label is among the five largest outputs. */
  readonly top5: number;
}

/** A pass's sums as means. */
export const metricsOf = ({ samples, weight, loss, top1, top5 }: PhaseTotals): SplitMetrics => ({
  samples,
  loss: loss / weight,
  top1: top1 / samples,
  top5: top5 / samples,
});

export type AllSplits = Readonly<Record<SplitName, SplitMetrics>>;

export interface EpochMetrics {
  /** Counts from 1. */
  readonly epoch: number;
  /** Of the epoch's last step. */
  readonly learningRate: number;
  /** Running: of each batch with the weights before its step. */
  readonly train: SplitMetrics;
  /** With the weights after the epoch. */
  readonly validation: SplitMetrics;
  /** Wall-clock time of the epoch, validation included. */
  readonly seconds: number;
  /** Training samples per second of training, validation excluded. */
  readonly imagesPerSecond: number;
}

/** Adds an epoch's line to the run's `metrics.jsonl`. */
export function appendMetrics(directory: string, metrics: EpochMetrics): void {
  appendToFile(runPath(directory, 'metrics'), `${JSON.stringify(metrics)}\n`);
}

/** Writes the run's `metrics.jsonl` anew: a resumed run's may hold an epoch that its checkpoint does not. */
export function writeMetrics(directory: string, epochs: readonly EpochMetrics[]): void {
  writeFileWhole(
    runPath(directory, 'metrics'),
    epochs.map((metrics) => `${JSON.stringify(metrics)}\n`).join(''),
  );
}
