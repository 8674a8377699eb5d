import { deviationOf, meanOf } from '../evaluation/statistics/means.js';
import { gainOf } from '../runs/best.js';
import type { EpochMetrics, SplitMetrics } from '../runs/metrics.js';
import type { Metric } from './search-file.js';

/** Validation metrics that trials are ordered by. */
export type Measured = Pick<SplitMetrics, 'loss' | 'top1'>;

/** Below 0 where `a` is better than `b`: by the metric, ties by the other one. */
export function compareMeasured(a: Measured, b: Measured, metric: Metric): number {
  const other = metric === 'top1' ? 'loss' : 'top1';
  return gainOf(metric, b[metric], a[metric]) || gainOf(other, b[other], a[other]);
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

export const trialScore = (runs: readonly Measured[]): TrialScore => ({
  ...overRuns(runs, meanOf),
  deviation: runs.length < 2 ? null : overRuns(runs, deviationOf),
});

/** A statistic of runs' top-1, and of their losses. */
export const overRuns = (
  runs: readonly Measured[],
  statistic: (values: readonly number[]) => number,
): Measured => ({
  top1: statistic(runs.map(({ top1 }) => top1)),
  loss: statistic(runs.map(({ loss }) => loss)),
});
