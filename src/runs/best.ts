import type { MetricName } from '../config/schema.js';
import type { SplitMetrics } from './metrics.js';

/** Which of two validations is better. */

/** What `a` is better than `b` by, in a metric's own unit: a fraction of 1, of the loss nats. Below 0 where it is worse. */
export const gainOf = (metric: MetricName, a: number, b: number): number =>
  metric === 'loss' ? b - a : a - b;

/** Whether a validation is better than the best before it, by `training.bestBy`; where both are equal, by the loss. */
export function isBetter(bestBy: MetricName, now: SplitMetrics, best: SplitMetrics | undefined): boolean {
  if (best === undefined) return true;
  const gain = gainOf(bestBy, now[bestBy]!, best[bestBy]!);
  return gain > 0 || (gain === 0 && now.loss < best.loss);
}

/** A metric in words. */
export const metricNames: Readonly<Record<MetricName, string>> = {
  top1: 'top-1',
  loss: 'loss',
  balancedTop1: 'balanced top-1',
};
