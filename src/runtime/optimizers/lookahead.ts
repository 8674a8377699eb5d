import type { OptimizerConfig } from '../../config/schema.js';
import type { Kernels } from '../../kernels/kernels.js';

/** Around an optimizer's step, which counts from 1 over the whole training, of `planned`. */
export interface Lookahead {
  before(step: number): void;
  after(step: number, planned: number): void;
}

/**
 * Lookahead (Zhang et al. 2019): the slow weights begin as the weights do. After every `steps` steps they go a part of the way to
 * the weights, and these begin anew from there. The part moves from `alpha` to `finalAlpha` with the cube of the training that is done (Jordan
 * 2024), so that the weights are free at first and averaged at the end.
 * @param weights address of the parameters, `slow` of the slow weights
 * @param length of both, float32
 */
export function bindLookahead(
  kernels: Kernels,
  weights: number,
  slow: number,
  length: number,
  { steps, alpha, finalAlpha = alpha }: NonNullable<OptimizerConfig['lookahead']>,
): Lookahead {
  return {
    before(step) {
      if (step === 1) kernels.copy(weights, slow, length);
    },
    after(step, planned) {
      if (step % steps !== 0) return;
      const done = step / planned;
      kernels.lerp(slow, weights, length, alpha + (finalAlpha - alpha) * (done * done * done));
      kernels.copy(slow, weights, length);
    },
  };
}
