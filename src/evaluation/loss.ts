import { lanes } from '../kernels/kernels.js';

/**
 * The sum of a split's losses in the order in which the engine adds them, so that it is the same number to the bit: 8 samples of a
 * shard, the shards of a step, the steps. The losses are float32, and are added in float64.
 * @param batch samples of a step: see `evaluationBatchOf`
 */
export function sumOfLosses(losses: Float32Array, batch: number): number {
  let total = 0;
  for (let step = 0; step < losses.length; step += batch) {
    const end = Math.min(step + batch, losses.length);
    let sum = 0;
    for (let shard = step; shard < end; shard += lanes) {
      let own = 0;
      for (let i = shard; i < Math.min(shard + lanes, end); i++) own += losses[i]!;
      sum += own;
    }
    total += sum;
  }
  return total;
}
