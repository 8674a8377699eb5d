import type { MetricName } from '../config/schema.js';
import { deviationOf, meanOf } from '../evaluation/statistics/means.js';
import { gainOf } from '../runs/best.js';
import type { EpochMetrics, SplitMetrics } from '../runs/metrics.js';

/** Validation metrics that trials are ordered by. */
export type Measured = Pick<SplitMetrics, MetricName>;

export const measuredOf = ({ top1, loss, balancedTop1 }: Measured): Measured => ({
  top1,
  loss,
  ...(balancedTop1 !== undefined && { balancedTop1 }),
});

/** Below 0 where `a` is better than `b`: by the metric, which both have; ties by the loss, or of the loss by top-1. */
export function compareMeasured(a: Measured, b: Measured, metric: MetricName): number {
  const other = metric === 'loss' ? 'top1' : 'loss';
  return gainOf(metric, b[metric]!, a[metric]!) || gainOf(other, b[other], a[other]);
}

/** A run's validation at its best epoch, the first of those that are equal. */
export interface RunScore extends Measured {
  readonly epoch: number;
}

/** @param epochs at least one */
export function runScore(epochs: readonly EpochMetrics[], metric: MetricName): RunScore {
  const best = epochs.reduce((a, b) => (compareMeasured(b.validation, a.validation, metric) < 0 ? b : a));
  return { epoch: best.epoch, ...measuredOf(best.validation) };
}

/** The mean of the folds' scores, and their standard deviations, with n - 1; null of a single run. */
export interface TrialScore extends Measured {
  readonly deviation: Measured | null;
}

export const trialScore = (runs: readonly Measured[]): TrialScore => ({
  ...overRuns(runs, meanOf),
  deviation: runs.length < 2 ? null : overRuns(runs, deviationOf),
});

/** A statistic of each metric that all of the runs have. */
export function overRuns(
  runs: readonly Measured[],
  statistic: (values: readonly number[]) => number,
): Measured {
  const balanced = runs.flatMap(({ balancedTop1 }) => balancedTop1 ?? []);
  return measuredOf({
    top1: statistic(runs.map(({ top1 }) => top1)),
    loss: statistic(runs.map(({ loss }) => loss)),
    balancedTop1: balanced.length === runs.length ? statistic(balanced) : undefined,
  });
}
