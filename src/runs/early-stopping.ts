import type { ResolvedConfig } from '../config/resolve.js';
import { gainOf } from './best.js';
import type { SplitMetrics } from './metrics.js';

/** What `training.earlyStopping` remembers from epoch to epoch: a checkpoint holds it. */
export interface Stopping {
  /** The metric's best value so far. */
  readonly best: number;
  /** Epochs since then. */
  readonly waited: number;
}

type Training = Pick<ResolvedConfig['training'], 'earlyStopping'>;

/**
 * Takes in an epoch's validation, as Keras's EarlyStopping does.
 * @param before what came of the epochs before; undefined before the first
 * @returns undefined without early stopping
 */
export function afterValidation(
  { earlyStopping }: Training,
  before: Stopping | undefined,
  validation: SplitMetrics,
): Stopping | undefined {
  if (earlyStopping === undefined) return undefined;
  const { metric, minDelta } = earlyStopping;
  const value = validation[metric]!;
  if (before === undefined || gainOf(metric, value, before.best) > minDelta)
    return { best: value, waited: 0 };
  return { ...before, waited: before.waited + 1 };
}

/** Whether the training has waited for a gain as long as it may. */
export const isExhausted = ({ earlyStopping }: Training, stopping: Stopping | undefined): boolean =>
  earlyStopping !== undefined && stopping !== undefined && stopping.waited >= earlyStopping.patience;
