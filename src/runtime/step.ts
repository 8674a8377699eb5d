import type { Stage } from '../compile/program.js';
import { type BatchCut, ownItems } from './batch.js';
import type { Metrics } from './metrics.js';
import type { Optimizer } from './optimizers/optimizer.js';
import { type Phase, type PhaseResult, samplesOfStep, stepsSoFar } from './phase.js';
import type { WorkQueue } from './queue.js';
import type { Ring } from './ring.js';

/** What the coordinator works with; `Worker` is one. */
interface CoordinatingWorker {
  readonly queue: WorkQueue;
  readonly ring: Ring;
  readonly metrics: Metrics;
  readonly optimizer: Optimizer;
  /** The stages of each step. */
  stagesOf(phase: Phase): readonly Stage[];
  /** How a step's mini-batch is cut. */
  cutOf(phase: Phase, step: number): BatchCut;
  learningRateAt(phase: Phase, step: number): number;
  /** Steps of the whole training. */
  plannedSteps(phase: Phase): number;
  /** Prefetch a chunk of samples; false where there is none to read, or no room for it. */
  prefetch(): boolean;
  /** The all-reduce of a stage's sums among ranks; false if the phase was cancelled. `meanwhile`: what else there is to do, false if nothing. */
  exchange(phase: Phase, step: number, stage: number, meanwhile: () => boolean): boolean;
  /** At an evaluation's end: the other ranks' hits. */
  exchangeHits(): void;
  /** Run one item on this thread, and the all-reduce above it as far as it is ready. `number`: the item's, since the phase began. */
  work(phase: Phase, number: number): void;
  /** Running statistics (batch norm) take in those of the step's mini-batch, of so many samples. */
  updateState(samples: number): void;
}

/**
 * The coordinator's phase, on worker 0's thread. For each stage of a step it opens the items, works on them like every thread, and waits
 * at the barrier until the stage's sums are all-reduced. After the last stage it adds up the metrics and takes the optimizer's step. Where
 * the samples do not all stay in memory, it first waits until the ring holds the mini-batch, and frees its place in the ring afterwards.
 */
export function coordinate(phase: Phase, worker: CoordinatingWorker): PhaseResult {
  const { queue, ring, metrics, optimizer } = worker;
  const streams = ring.serves(phase);
  const prefetch = () => worker.prefetch();
  const stages = worker.stagesOf(phase).length;
  const planned = worker.plannedSteps(phase);
  let done = 0;
  let failure: PhaseResult['failure'];
  for (
    let step = phase.firstStep;
    step < phase.endStep && failure === undefined && !metrics.isHalted;
    step++
  ) {
    // Every thread that waits prefetches; what is still missing of this mini-batch is read now.
    while (streams && !ring.holds(step, phase) && !queue.isCancelled) {
      if (!worker.prefetch()) queue.rest();
    }
    const samples = samplesOfStep(phase, step);
    const cut = worker.cutOf(phase, step);
    const items = ownItems(cut);
    for (let stage = 0; stage < stages && !queue.isCancelled; stage++) {
      if (items > 0) {
        queue.open(items);
        for (let item = queue.tryTake(); item >= 0; item = queue.tryTake()) worker.work(phase, item);
        if (!queue.awaitStages(++done, prefetch)) break;
      }
      if (stage === stages - 1) metrics.tellHalt(queue.isHalted);
      if (!worker.exchange(phase, step, stage, prefetch)) break;
    }
    if (queue.isCancelled) break;
    if (streams) ring.free(step, phase);
    const loss = metrics.addStep(samples, cut.microBatches);
    if (!phase.training) continue; // an evaluation goes on after a loss that is not finite: its total is not finite either
    metrics.keepLoss(step, loss);
    const number = stepsSoFar(phase, step) + 1;
    if (!Number.isFinite(loss)) failure = { step: step + 1, what: 'loss' };
    else if (!optimizer.step(metrics.stepWeight, worker.learningRateAt(phase, step), number, planned))
      failure = { step: step + 1, what: 'gradient' };
    else {
      worker.updateState(samples);
      optimizer.average(number);
    }
  }
  if (!phase.training && !queue.isCancelled) worker.exchangeHits();
  queue.end();
  const result = { totals: metrics.totals, steps: metrics.steps };
  return failure === undefined ? result : { ...result, failure };
}
