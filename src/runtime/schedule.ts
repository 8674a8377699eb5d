import type { ResolvedConfig } from '../config/resolve.js';
import { cosineOfHalfTurn } from '../numerics/exact-math.js';

/**
 * The learning rate of a step.
 * @param epoch from 1; `step` of it, from 0, of `steps`
 */
export function learningRateAt(
  { optimizer, training }: Pick<ResolvedConfig, 'optimizer' | 'training'>,
  epoch: number,
  step: number,
  steps: number,
): number {
  const { learningRate, schedule } = optimizer;
  switch (schedule.type) {
    case 'constant':
      return learningRate;
    case 'step': {
      let rate = learningRate;
      for (let passed = schedule.everyEpochs; passed < epoch; passed += schedule.everyEpochs)
        rate *= schedule.factor;
      return rate;
    }
    case 'cosine': {
      const { warmupEpochs: warmup, finalFactor } = schedule;
      const done = epoch - 1 + step / steps;
      if (done < warmup) return Math.min(learningRate, (learningRate * (done + 1 / steps)) / warmup);
      const way = Math.min(1, (done - warmup) / (training.epochs - warmup));
      return learningRate * (finalFactor + (1 - finalFactor) * 0.5 * (1 + cosineOfHalfTurn(way)));
    }
  }
}
