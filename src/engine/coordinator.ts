import type { BatchCut } from './batch.js';
import type { Control } from './control.js';
import type { Metrics } from './metrics.js';
import type { Optimizer } from './optimizer.js';
import { type Phase, type PhaseResult, samplesOfStep, stepsOf } from './phase.js';

/** What the coordinator leads. */
interface Led {
  readonly control: Control;
  readonly metrics: Metrics;
  readonly optimizer: Optimizer;
  /** How a step's batch is cut. */
  cutOf(phase: Phase, step: number): BatchCut;
  /** Run one item on this thread. */
  work(phase: Phase, item: number): void;
}

/**
 * The coordinator's phase, on the thread of rank 0. A training step is these calls:
 * open the batch, work on it like everyone, wait for the root of the tree, add up the metrics, take the optimizer's step.
 */
export function coordinate(phase: Phase, led: Led): PhaseResult {
  const { control, metrics, optimizer } = led;
  const steps = stepsOf(phase);
  let failure: PhaseResult['failure'];
  for (let step = 0; step < steps && failure === undefined; step++) {
    const samples = samplesOfStep(phase, step);
    const { items, shards } = led.cutOf(phase, step);
    control.openStep(items);
    for (let item = control.tryTake(); item >= 0; item = control.tryTake()) led.work(phase, item);
    if (!control.awaitSteps(step + 1)) break;
    const lossIsFinite = metrics.addStep(samples, shards);
    if (!phase.training) continue; // an evaluation counts every sample; its loss shows what is wrong
    if (!lossIsFinite) failure = { step: step + 1, what: 'loss' };
    else if (!optimizer.step(samples, phase.learningRate)) failure = { step: step + 1, what: 'gradient' };
  }
  control.end();
  const result = { totals: metrics.totals, steps: metrics.steps };
  return failure === undefined ? result : { ...result, failure };
}
