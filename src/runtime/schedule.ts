import type { ResolvedConfig } from '../config/resolved.js';
import type { OptimizerConfig } from '../config/schema.js';
import { cosineOfHalfTurn, integerPower } from '../numerics/exact-math.js';

/** How the learning rate moves, as PyTorch's schedulers define it: a function of the step, and of what came of the epochs before (`plateau.ts`). */

type Schedule = OptimizerConfig['schedule'];

/** What of an optimizer makes every step depend on the training's number of epochs, so that no run can be lengthened; undefined for nothing. */
export function dependsOnEpochs({
  schedule: { type },
  lookahead,
}: Pick<OptimizerConfig, 'schedule' | 'lookahead'>): string | undefined {
  if (type === 'cosine' || type === 'linear' || type === 'oneCycle') return `the schedule ${type}`;
  return lookahead?.finalAlpha === undefined ? undefined : 'lookahead.finalAlpha';
}

/**
 * The learning rate of a step.
 * @param epoch from 1; `step` of it, from 0, of `steps`
 * @param reduction what the plateaus before have made of it
 */
export function learningRateAt(
  { optimizer, training }: Pick<ResolvedConfig, 'optimizer' | 'training'>,
  epoch: number,
  step: number,
  steps: number,
  reduction = 1,
): number {
  const { learningRate, schedule } = optimizer;
  const { epochs } = training;
  if (schedule.type === 'oneCycle')
    return learningRate * oneCycle(schedule, (epoch - 1) * steps + step, epochs * steps);
  const { warmupEpochs: warmup } = schedule;
  const done = epoch - 1 + step / steps;
  const rate = rateAfterWarmup(learningRate, schedule, epoch, done - warmup, epochs - warmup) * reduction;
  return done < warmup ? Math.min(rate, (rate * (done + 1 / steps)) / warmup) : rate;
}

/**
 * @param epoch from 1, in which the rate is the same for those that go by whole epochs
 * @param done epochs since the warm-up, below 0 within it; of `epochs` that come after it
 */
function rateAfterWarmup(
  learningRate: number,
  schedule: Exclude<Schedule, { type: 'oneCycle' }>,
  epoch: number,
  done: number,
  epochs: number,
): number {
  switch (schedule.type) {
    case 'constant':
    case 'reduceOnPlateau':
      return learningRate;
    case 'step': {
      let rate = learningRate;
      for (let passed = schedule.everyEpochs; passed < epoch; passed += schedule.everyEpochs)
        rate *= schedule.factor;
      return rate;
    }
    case 'milestones': {
      let rate = learningRate;
      for (let i = 0; i < schedule.epochs.length; i++)
        if (schedule.epochs[i]! < epoch) rate *= schedule.factor;
      return rate;
    }
    case 'exponential':
      return learningRate * integerPower(schedule.factor, epoch - 1);
  }
  if (done < 0) return learningRate;
  const { finalFactor } = schedule;
  switch (schedule.type) {
    case 'linear':
      return learningRate * (1 + (finalFactor - 1) * Math.min(1, done / epochs));
    case 'cosine':
      return learningRate * cosine(finalFactor, Math.min(1, done / epochs));
    case 'cosineRestarts': {
      let rest = done;
      let length = schedule.firstEpochs;
      for (; rest >= length; length *= schedule.growth) rest -= length;
      return learningRate * cosine(finalFactor, rest / length);
    }
  }
}

/** From 1 down to `end`, half a wave; `way` from 0 to 1. */
const cosine = (end: number, way: number): number => end + (1 - end) * 0.5 * (1 + cosineOfHalfTurn(way));

/** As torch.optim.lr_scheduler.OneCycleLR, which leaves the first part at the step `riseFraction * steps - 1`. */
function oneCycle(
  { riseFraction, initialFactor, finalFactor }: Extract<Schedule, { type: 'oneCycle' }>,
  step: number,
  steps: number,
): number {
  const top = riseFraction * steps - 1;
  if (step > top) return cosine(finalFactor, (step - top) / (steps - 1 - top));
  return cosine(initialFactor, top > 0 ? 1 - step / top : 0);
}
