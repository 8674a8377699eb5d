import type { Stage } from '../compile/program.js';
import type { BatchCut } from './batch.js';
import type { Metrics } from './metrics.js';
import type { Optimizer } from './optimizers/optimizer.js';
import { type Phase, type PhaseResult, samplesOfStep, stepsSoFar } from './phase.js';
import type { WorkQueue } from './queue.js';
import type { Ring } from './ring.js';

/** What the coordinator leads. */
interface Led {
  readonly queue: WorkQueue;
  readonly ring: Ring;
  readonly metrics: Metrics;
  readonly optimizer: Optimizer;
  /** The stages of each step. */
  stagesOf(phase: Phase): readonly Stage[];
  /** How a step's mini-batch is cut. */
  cutOf(phase: Phase, step: number): BatchCut;
  learningRateAt(phase: Phase, step: number): number;
  /** Read samples that come later, if there are any to read; false if not. */
  prefetch(): boolean;
  /** Run one item on this thread, by its number since the phase began. */
  work(phase: Phase, ticket: number): void;
  /** Running statistics take in those of a step, of so many samples. */
  updateState(samples: number): void;
}

/**
 * The coordinator's phase, on the thread of rank 0. A step is these calls, stage after stage: open the items, work on them like everyone,
 * wait until the mini-batch's sums are complete; then add up the metrics and take the optimizer's step.
 * Where the samples do not all stay in memory, it sees that the mini-batch is there first, and gives its place back afterwards.
 */
export function coordinate(phase: Phase, led: Led): PhaseResult {
  const { queue, ring, metrics, optimizer } = led;
  const streams = ring.serves(phase);
  const prefetch = () => led.prefetch();
  const stages = led.stagesOf(phase).length;
  let done = 0;
  let failure: PhaseResult['failure'];
  for (let step = phase.firstStep; step < phase.endStep && failure === undefined; step++) {
    if (queue.isHalted) break;
    // Whoever has nothing else to do prefetches; a mini-batch that is still not there is read now.
    while (streams && !ring.holds(step, phase) && !queue.isCancelled) {
      if (!led.prefetch()) queue.rest();
    }
    const samples = samplesOfStep(phase, step);
    const { items, microBatches } = led.cutOf(phase, step);
    for (const end = done + stages; done < end && !queue.isCancelled; ) {
      queue.open(items);
      for (let item = queue.tryTake(); item >= 0; item = queue.tryTake()) led.work(phase, item);
      if (!queue.awaitStages(++done, prefetch)) break;
    }
    if (queue.isCancelled) break;
    if (streams) ring.free(step, phase);
    const loss = metrics.addStep(samples, microBatches);
    if (!phase.training) continue; // an evaluation counts every sample; its loss shows what is wrong
    metrics.keepLoss(step, loss);
    if (!Number.isFinite(loss)) failure = { step: step + 1, what: 'loss' };
    else if (
      !optimizer.step(metrics.stepWeight, led.learningRateAt(phase, step), stepsSoFar(phase, step) + 1)
    )
      failure = { step: step + 1, what: 'gradient' };
    else led.updateState(samples);
  }
  queue.end();
  const result = { totals: metrics.totals, steps: metrics.steps };
  return failure === undefined ? result : { ...result, failure };
}
