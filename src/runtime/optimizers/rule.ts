import type { OptimizerConfig } from '../../config/schema.js';
import type { Kernels } from '../../kernels/kernels.js';
import type { SlotName } from './slots.js';

/** An optimizer: what it remembers of the steps before, and how a step changes the parameters. */
export interface OptimizerRule<C extends OptimizerConfig> {
  /** Names of the values that it keeps for each parameter from step to step, such as a velocity: see `slots.ts`. */
  slots(config: C): readonly SlotName[];
  bind(kernels: Kernels, config: C): Update;
}

/**
 * One step over a range of the parameters; ranges may be updated in any order, or by different threads. Addresses in bytes.
 * @param gradient of the range, summed over the mini-batch
 * @param slots where each of the rule's slots has the range, in the rule's order
 * @param length of the range, float32, a multiple of 4
 * @param scale of the gradient: 1 / the mini-batch's weight, or 1 for a sum
 * @param step from 1, over the whole training
 */
export type Update = (
  parameters: number,
  gradient: number,
  slots: readonly number[],
  length: number,
  scale: number,
  learningRate: number,
  step: number,
) => void;
