import type { MemoryPlan } from '../../compile/memory-plan.js';
import type { ResolvedConfig } from '../../config/resolve.js';
import type { Kernels } from '../../kernels/kernels.js';

/** Stochastic gradient descent with momentum, Nesterov and weight decay, as torch.optim.SGD defines them. */
export class Optimizer {
  readonly #kernels: Kernels;
  readonly #plan: MemoryPlan;
  readonly #length: number;
  readonly #config: Pick<ResolvedConfig, 'loss' | 'optimizer'>;

  /** @param length of a parameter buffer, float32 */
  constructor(
    kernels: Kernels,
    plan: MemoryPlan,
    length: number,
    config: Pick<ResolvedConfig, 'loss' | 'optimizer'>,
  ) {
    this.#kernels = kernels;
    this.#plan = plan;
    this.#length = length;
    this.#config = config;
  }

  /**
   * One step from the batch's gradient, the sum over its samples.
   * @param weight of the batch's samples: what a mean divides by
   * @returns false, and changes nothing, if the gradient is not finite
   */
  step(weight: number, learningRate: number): boolean {
    const { parameters, velocity, itemGradients } = this.#plan;
    const { momentum, weightDecay, nesterov } = this.#config.optimizer;
    const gradient = itemGradients[0]!;
    if (this.#kernels.allFinite(gradient, this.#length) === 0) return false;
    const scale = this.#config.loss.reduction === 'sum' ? 1 : weight > 0 ? 1 / weight : 0;
    this.#kernels.sgd(
      parameters,
      gradient,
      velocity,
      this.#length,
      scale,
      learningRate,
      momentum,
      weightDecay,
      nesterov ? 1 : 0,
    );
    return true;
  }
}
