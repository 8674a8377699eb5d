import type { ResolvedConfig } from '../config/resolved.js';
import { meanOf } from '../evaluation/statistics/means.js';
import { exponential, integerPower, logarithm } from '../numerics/exact-math.js';
import type { Engine } from '../runtime/engine.js';
import { nothingDone, type PhaseResult } from '../runtime/phase.js';
import { median } from './summary.js';

/** A learning-rate range test (Smith 2017): a few hundred steps whose rate rises exponentially, and a rate that they propose. */

/** Part of the smoothed loss that a step keeps. */
export const smoothing = 0.9;
/** The test ends when the smoothed loss is so many times its smallest, as fastai's does. */
const divergedAt = 4;
/** The proposed rate is this part of the one with the smallest smoothed loss. */
const proposedPart = 0.1;
/** The smallest smoothed loss must be below this part of the loss at first, or nothing has been learned. */
const leastFall = 0.99;
/** ... and so many standard deviations below it, by what mini-batches differ in. */
const leastDeviations = 3;
/** Median of the square of a normal variable of variance 1. */
const medianOfSquare = 0.455;
/** Steps, but at most a third of all, whose mean is the loss at first. */
const firstSteps = 10;

export interface RateRange {
  /** Of the first step, and of the last. */
  readonly from: number;
  readonly to: number;
  readonly steps: number;
}

export interface TestedRate {
  readonly rate: number;
  /** Of the step's mini-batch before the step, nats per sample. */
  readonly loss: number;
  /** The exponential average of the losses so far, without the bias of its beginning. */
  readonly smoothed: number;
}

export interface RangeTest {
  readonly tested: readonly TestedRate[];
  /** Whether the loss diverged before the last step. */
  readonly diverged: boolean;
}

/** With the schedule that `findRates` needs: it multiplies the config's rate for each step. */
export const withConstantRate = (config: ResolvedConfig): ResolvedConfig => ({
  ...config,
  optimizer: { ...config.optimizer, schedule: { type: 'constant', warmupEpochs: 0 } },
});

/**
 * Trains with rates from `from` to `to`.
 * @param engine of a config of `withConstantRate`
 * @param learningRate that config's
 */
export async function findRates(engine: Engine, learningRate: number, range: RateRange): Promise<RangeTest> {
  const { from, to, steps } = range;
  const growth = exponential(logarithm(to / from) / Math.max(1, steps - 1));
  const tested: TestedRate[] = [];
  let average = 0;
  let smallest = Number.POSITIVE_INFINITY;
  let epoch = 1;
  let done: PhaseResult = nothingDone;
  for (let i = 0; i < steps; i++) {
    if (done.steps === engine.steps) [epoch, done] = [epoch + 1, nothingDone];
    const factor = (from * integerPower(growth, i)) / learningRate;
    const before = done;
    done = await engine.train(epoch, before, before.steps + 1, factor);
    if (done.failure !== undefined) return { tested, diverged: true };
    const weight = done.totals.weight - before.totals.weight;
    const loss = engine.stepLosses(before.steps, before.steps + 1)[0]! / weight;
    average = smoothing * average + (1 - smoothing) * loss;
    const smoothed = average / (1 - integerPower(smoothing, i + 1));
    tested.push({ rate: learningRate * factor, loss, smoothed });
    smallest = Math.min(smallest, smoothed);
    if (smoothed > divergedAt * smallest) return { tested, diverged: true };
  }
  return { tested, diverged: false };
}

export interface Proposal {
  /** The rate with the smallest smoothed loss. */
  readonly smallest: TestedRate;
  /** Two digits of it; undefined where the loss has not fallen. */
  readonly proposed: number | undefined;
  /** Whether the loss was still falling at the last rate. */
  readonly isOpen: boolean;
}

/**
 * A tenth of the rate with the smallest smoothed loss: at that one steps already undo each other, and the rule needs no slope of a noisy curve.
 * The first losses are what it is compared with, so it is not among them. undefined where no step was taken.
 */
export function propose({ tested, diverged }: RangeTest): Proposal | undefined {
  if (tested.length === 0) return undefined;
  const first = Math.max(1, Math.min(firstSteps, Math.floor(tested.length / 3)));
  const later = tested.slice(Math.min(first, tested.length - 1));
  const smallest = later.reduce((a, b) => (b.smoothed < a.smoothed ? b : a));
  const losses = tested.map(({ loss }) => loss);
  const hasFallen = smallest.smoothed < leastLearned(losses, first, tested.indexOf(smallest) + 1);
  return {
    smallest,
    proposed: hasFallen ? Number((proposedPart * smallest.rate).toPrecision(2)) : undefined,
    isOpen: hasFallen && !diverged && smallest === tested.at(-1),
  };
}

/**
 * The smoothed loss below which something has been learned: a difference from the mean of the first losses that mini-batches alone hardly make.
 * @param losses of all steps, not smoothed, nats per sample
 * @param first how many of them are the first ones
 * @param steps of which the smoothed loss is the average
 */
function leastLearned(losses: readonly number[], first: number, steps: number): number {
  const start = meanOf(losses.slice(0, first));
  // Half the square of two neighbours' difference is on average the losses' variance, however these fall; the median leaves out where they diverge.
  const halfSquares = losses.slice(1).map((loss, i) => (loss - losses[i]!) ** 2 / 2);
  const variance = (median(halfSquares) ?? 0) / medianOfSquare;
  const kept = integerPower(smoothing, steps);
  const ofAverage = (((1 - smoothing) / (1 + smoothing)) * (1 + kept)) / (1 - kept);
  const deviation = Math.sqrt(variance * (1 / first + ofAverage));
  return Math.min(leastFall * start, start - leastDeviations * deviation);
}
