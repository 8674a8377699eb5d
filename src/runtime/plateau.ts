import type { MetricName, OptimizerConfig } from '../config/schema.js';

/** What `reduceOnPlateau` remembers from epoch to epoch: a checkpoint holds it. */
export interface Plateau {
  /** What it multiplies the learning rate by. */
  readonly factor: number;
  /** The metric's best value so far. */
  readonly best: number;
  /** Epochs without a better one that count, and those that will not count yet. */
  readonly waited: number;
  readonly cooldown: number;
}

/**
 * Takes in an epoch's validation, as torch.optim.lr_scheduler.ReduceLROnPlateau does, with a relative threshold.
 * @param before what came of the epochs before; undefined before the first
 * @returns undefined for other schedules
 */
export function afterEpoch(
  { schedule }: Pick<OptimizerConfig, 'schedule'>,
  before: Plateau | undefined,
  validation: { readonly [Metric in MetricName]?: number | undefined },
): Plateau | undefined {
  if (schedule.type !== 'reduceOnPlateau') return undefined;
  const { metric, patience, threshold, minFactor } = schedule;
  const value = validation[metric]!;
  if (before === undefined) return { factor: 1, best: value, waited: 0, cooldown: 0 };
  const isBetter =
    metric === 'loss' ? value < before.best * (1 - threshold) : value > before.best * (1 + threshold);
  const best = isBetter ? value : before.best;
  const waited = isBetter || before.cooldown > 0 ? 0 : before.waited + 1;
  if (waited <= patience) return { ...before, best, waited, cooldown: Math.max(0, before.cooldown - 1) };
  const factor = Math.max(before.factor * schedule.factor, minFactor);
  return { factor, best, waited: 0, cooldown: schedule.cooldownEpochs };
}
