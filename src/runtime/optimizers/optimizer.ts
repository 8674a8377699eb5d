import type { MemoryPlan } from '../../compile/memory-plan.js';
import type { ResolvedConfig } from '../../config/resolve.js';
import type { Kernels } from '../../kernels/kernels.js';
import type { Update } from './rule.js';
import { bindRule } from './rules.js';

/**
 * The end of a training step, and the only place where a phase changes weights: the update by the mini-batch's gradient. The coordinator's.
 */
export class Optimizer {
  readonly #kernels: Kernels;
  readonly #plan: MemoryPlan;
  readonly #length: number;
  readonly #isMean: boolean;
  readonly #update: Update;

  /** @param length of a parameter buffer, float32 */
  constructor(
    kernels: Kernels,
    plan: MemoryPlan,
    length: number,
    { loss, optimizer }: Pick<ResolvedConfig, 'loss' | 'optimizer'>,
  ) {
    this.#kernels = kernels;
    this.#plan = plan;
    this.#length = length;
    this.#isMean = loss.reduction === 'mean';
    this.#update = bindRule(kernels, optimizer);
  }

  /**
   * One step from the mini-batch's gradient: the root of the all-reduce's tree, `itemSums[0]`, a sum over the samples.
   * @param weight of the mini-batch's samples: what a mean divides by
   * @param step from 1, over the whole training
   * @returns false, and changes nothing, if the gradient is not finite
   */
  step(weight: number, learningRate: number, step: number): boolean {
    const { parameters, slots, itemSums } = this.#plan;
    const gradient = itemSums[0]!;
    if (this.#kernels.allFinite(gradient, this.#length) === 0) return false;
    const scale = !this.#isMean ? 1 : weight > 0 ? 1 / weight : 0;
    this.#update(parameters, gradient, slots, this.#length, scale, learningRate, step);
    return true;
  }
}
