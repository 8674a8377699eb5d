import { meanOf, varianceOf } from '../evaluation/statistics/means.js';
import type { EpochMetrics, SplitMetrics } from '../runs/metrics.js';
import type { Metric } from './search-file.js';

/** Validation metrics that trials are ordered by. */
export type Measured = Pick<SplitMetrics, 'loss' | 'top1'>;

/** Below 0 where `a` is better than `b`: by the metric, ties by the other one. */
export function compareMeasured(a: Measured, b: Measured, metric: Metric): number {
  const byTop1 = b.top1 - a.top1;
  const byLoss = a.loss - b.loss;
  return metric === 'top1' ? byTop1 || byLoss : byLoss || byTop1;
}

/** A run's validation at its best epoch, the first of those that are equal. */
export interface RunScore extends Measured {
  readonly epoch: number;
}

/** @param epochs at least one */
export function runScore(epochs: readonly EpochMetrics[], metric: Metric): RunScore {
  const best = epochs.reduce((a, b) => (compareMeasured(b.validation, a.validation, metric) < 0 ? b : a));
  return { epoch: best.epoch, top1: best.validation.top1, loss: best.validation.loss };
}

/** The mean of the folds' scores, and their standard deviations, with n - 1; null of a single run. */
export interface TrialScore extends Measured {
  readonly deviation: Measured | null;
}

export function trialScore(runs: readonly Measured[]): TrialScore {
  const of = (statistic: (values: number[]) => number): Measured => ({
    top1: statistic(runs.map(({ top1 }) => top1)),
    loss: statistic(runs.map(({ loss }) => loss)),
  });
  const deviation = runs.length < 2 ? null : of((values) => Math.sqrt(varianceOf(values)));
  return { ...of(meanOf), deviation };
}
