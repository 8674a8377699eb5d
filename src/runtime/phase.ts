import type { SamplerType } from '../config/schema.js';
import type { SplitName } from '../data/dataset.js';

/**
 * A pass over a split, an epoch of training or an evaluation, or some consecutive steps of it. The task that each worker thread is
 * handed.
 */
export interface Phase {
  readonly training: boolean;
  readonly split: SplitName;
  /** From 1; 0 for an evaluation. */
  readonly epoch: number;
  /** Samples of the split. */
  readonly samples: number;
  readonly batchSize: number;
  /** The steps to take of all that the pass has: from this one, counted from 0, to before that one. */
  readonly firstStep: number;
  readonly endStep: number;
  /** Micro-batches of an item: see `batch.ts`. */
  readonly itemMicroBatches: number;
  readonly sampler: SamplerType;
  /** Of the learning rate: what `reduceOnPlateau` has made of it. */
  readonly rateReduction: number;
  /** Whether prefetched samples are checked against their checksums. */
  readonly verify: boolean;
}

/** Sums over the samples seen since the pass began. */
export interface PhaseTotals {
  readonly samples: number;
  /** Sum of the weights of the samples' classes: their number where all weigh 1. */
  readonly weight: number;
  /** Sum of the cross entropies, nats, each times its weight. */
  readonly loss: number;
  readonly top1: number;
  readonly top5: number;
}

/** What the coordinator reports at the end. */
export interface PhaseResult {
  readonly totals: PhaseTotals;
  /** Done since the pass began: fewer than there are, where the phase ended before them or was halted. */
  readonly steps: number;
  /** Why training stopped before the end, if it did: the step (from 1) and what was not finite. */
  readonly failure?: { readonly step: number; readonly what: 'loss' | 'gradient' };
}

/** Of a pass that begins. */
export const nothingDone: PhaseResult = {
  totals: { samples: 0, weight: 0, loss: 0, top1: 0, top5: 0 },
  steps: 0,
};

/** Steps of the whole pass. */
export const stepsOf = (phase: Phase): number => Math.ceil(phase.samples / phase.batchSize);

/** Steps of the training before this one, where `step` counts from 0 in its epoch. */
export const stepsSoFar = (phase: Phase, step: number): number => (phase.epoch - 1) * stepsOf(phase) + step;

/** Samples of a step; the last may have fewer. */
export const samplesOfStep = (phase: Phase, step: number): number =>
  Math.min(phase.batchSize, phase.samples - step * phase.batchSize);
