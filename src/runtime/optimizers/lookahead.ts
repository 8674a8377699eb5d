import type { OptimizerConfig } from '../../config/schema.js';
import type { Kernels } from '../../kernels/kernels.js';

/** Around an optimizer's step, which counts from 1 over the whole training. */
export interface Lookahead {
  before(step: number): void;
  after(step: number): void;
}

/**
 * Lookahead (Zhang et al. 2019): the slow weights begin as the weights do. After every `steps` steps they go a part `alpha` of the way to
 * the weights, and these begin anew from there.
 * @param weights address of the parameters, `slow` of the slow weights
 * @param length of both, float32
 */
export function bindLookahead(
  kernels: Kernels,
  weights: number,
  slow: number,
  length: number,
  { steps, alpha }: NonNullable<OptimizerConfig['lookahead']>,
): Lookahead {
  return {
    before(step) {
      if (step === 1) kernels.copy(weights, slow, length);
    },
    after(step) {
      if (step % steps !== 0) return;
      kernels.lerp(slow, weights, length, alpha);
      kernels.copy(slow, weights, length);
    },
  };
}
