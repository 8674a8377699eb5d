import { z } from 'zod';
import type { ResolvedConfig } from '../config/resolved.js';
import type { SplitName } from '../data/dataset.js';
import { appendToFile, writeFileWhole } from '../files/whole-file.js';
import type { Engine } from '../runtime/engine.js';
import type { PhaseTotals } from '../runtime/phase.js';
import { runPath } from './directory.js';

const fraction = z.number().min(0).max(1);

/** How well the model does on a split. */
export const splitMetrics = z.strictObject({
  samples: z.int().min(0),
  /** Mean cross entropy, nats per sample; of training what is made smaller: with class weights, smoothing and mixtures. */
  loss: z.number(),
  /** Fraction of the samples, 0 to 1, whose label has the largest output. */
  top1: fraction,
  /** Fraction of the samples, 0 to 1, whose label is among the five largest outputs. */
  top5: fraction,
  /** The mean of the classes' recalls, 0 to 1, where the config goes by it: see `Engine.balancedTop1`. */
  balancedTop1: fraction.optional(),
});
export type SplitMetrics = Readonly<z.infer<typeof splitMetrics>>;

/** What the engine's last evaluation, one of the whole split, gave: its sums as means, and what else the config goes by. */
export function evaluationMetrics(
  config: ResolvedConfig,
  engine: Engine,
  split: SplitName,
  totals: PhaseTotals,
): SplitMetrics {
  const metrics = metricsOf(totals);
  return goesByBalance(config) ? { ...metrics, balancedTop1: engine.balancedTop1(split) } : metrics;
}

/** Whether the best weights, early stopping or the schedule go by the mean of the classes' recalls. */
export function goesByBalance({
  training,
  optimizer: { schedule },
}: Pick<ResolvedConfig, 'training' | 'optimizer'>): boolean {
  const { bestBy, earlyStopping } = training;
  const ofSchedule = schedule.type === 'reduceOnPlateau' ? schedule.metric : undefined;
  return [bestBy, earlyStopping?.metric, ofSchedule].includes('balancedTop1');
}

/** A pass's sums as means. */
export const metricsOf = ({ samples, weight, loss, top1, top5 }: PhaseTotals): SplitMetrics => ({
  samples,
  loss: loss / weight,
  top1: top1 / samples,
  top5: top5 / samples,
});

export const allSplits = z.strictObject({
  train: splitMetrics,
  validation: splitMetrics,
  test: splitMetrics,
});
export type AllSplits = Readonly<z.infer<typeof allSplits>>;

/** A line of `metrics.jsonl`. */
export const epochMetrics = z.strictObject({
  /** Counts from 1. */
  epoch: z.int().min(1),
  /** Of the epoch's last step. */
  learningRate: z.number(),
  /** Running: of each batch with the weights before its step. */
  train: splitMetrics,
  /** With the weights after the epoch. */
  validation: splitMetrics,
  /** Wall-clock time of the epoch, validation included. */
  seconds: z.number(),
  /** Training samples per second of training, validation excluded. */
  imagesPerSecond: z.number(),
});
export type EpochMetrics = Readonly<z.infer<typeof epochMetrics>>;

/** Adds an epoch's line to the run's `metrics.jsonl`. */
export function appendMetrics(directory: string, metrics: EpochMetrics): void {
  appendToFile(runPath(directory, 'metrics'), `${JSON.stringify(metrics)}\n`);
}

/** Rewrites the run's `metrics.jsonl`: that of a resumed run may hold an epoch that its checkpoint does not. */
export function writeMetrics(directory: string, epochs: readonly EpochMetrics[]): void {
  writeFileWhole(
    runPath(directory, 'metrics'),
    epochs.map((metrics) => `${JSON.stringify(metrics)}\n`).join(''),
  );
}
