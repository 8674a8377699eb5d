import type { BatchCut } from './batch.js';
import type { Metrics } from './metrics.js';
import type { Optimizer } from './optimizers/optimizer.js';
import { type Phase, type PhaseResult, samplesOfStep, stepsSoFar } from './phase.js';
import type { Control } from './queue.js';
import type { Ring } from './ring.js';

/** What the coordinator leads. */
interface Led {
  readonly control: Control;
  readonly ring: Ring;
  readonly metrics: Metrics;
  readonly optimizer: Optimizer;
  /** How a step's batch is cut. */
  cutOf(phase: Phase, step: number): BatchCut;
  learningRateAt(phase: Phase, step: number): number;
  /** Read samples that come later, if there are any to read; false if not. */
  readAhead(): boolean;
  /** Run one item on this thread. */
  work(phase: Phase, item: number): void;
}

/**
 * The coordinator's phase, on the thread of rank 0. A training step is these calls:
 * open the batch, work on it like everyone, wait for the root of the tree, add up the metrics, take the optimizer's step.
 * Where the samples do not all stay in memory, it sees that the batch is there first, and gives its place back afterwards.
 */
export function coordinate(phase: Phase, led: Led): PhaseResult {
  const { control, ring, metrics, optimizer } = led;
  const streams = ring.serves(phase);
  const readAhead = () => led.readAhead();
  let failure: PhaseResult['failure'];
  for (let step = phase.firstStep; step < phase.endStep && failure === undefined; step++) {
    if (control.isHalted) break;
    const samples = samplesOfStep(phase, step);
    // Whoever has nothing else to do reads ahead; a batch that is still not there is read now.
    while (streams && !ring.holds(step, phase) && !control.isCalledOff) {
      if (!led.readAhead()) control.rest();
    }
    const { items, shards } = led.cutOf(phase, step);
    control.openStep(items);
    for (let item = control.tryTake(); item >= 0; item = control.tryTake()) led.work(phase, item);
    if (!control.awaitSteps(step - phase.firstStep + 1, readAhead)) break;
    if (streams) ring.free(step, phase);
    const loss = metrics.addStep(samples, shards);
    if (!phase.training) continue; // an evaluation counts every sample; its loss shows what is wrong
    metrics.keepLoss(step, loss);
    if (!Number.isFinite(loss)) failure = { step: step + 1, what: 'loss' };
    else if (
      !optimizer.step(metrics.stepWeight, led.learningRateAt(phase, step), stepsSoFar(phase, step) + 1)
    )
      failure = { step: step + 1, what: 'gradient' };
  }
  control.end();
  const result = { totals: metrics.totals, steps: metrics.steps };
  return failure === undefined ? result : { ...result, failure };
}
