import type { MemoryPlan } from '../compile/memory-plan.js';
import type { PhaseTotals } from './phase.js';

const Total = { samples: 0, loss: 1, top1: 2, top5: 3, weight: 4, steps: 5 } as const;

/** Losses and hits: each micro-batch leaves its own, the coordinator adds them in their order, anyone may look at the totals. */
export class Metrics {
  readonly microBatchLoss: Float64Array;
  readonly microBatchWeight: Float64Array;
  readonly microBatchTop1: Int32Array;
  readonly microBatchTop5: Int32Array;
  readonly #totals: Float64Array;
  /** Of each of an epoch's steps. */
  readonly #stepLosses: Float64Array;
  #stepWeight = 0;

  constructor(buffer: SharedArrayBuffer, plan: MemoryPlan) {
    const { microBatches } = plan;
    this.microBatchLoss = new Float64Array(buffer, plan.microBatchLoss, microBatches);
    this.microBatchWeight = new Float64Array(buffer, plan.microBatchWeight, microBatches);
    this.microBatchTop1 = new Int32Array(buffer, plan.microBatchTop1, microBatches);
    this.microBatchTop5 = new Int32Array(buffer, plan.microBatchTop5, microBatches);
    this.#totals = new Float64Array(buffer, plan.totals, 8);
    this.#stepLosses = new Float64Array(buffer, plan.stepLosses, plan.steps);
  }

  /** Before a pass, or before the rest of one: what was counted and how many steps were taken before. */
  reset({ samples, loss, top1, top5, weight }: PhaseTotals, steps: number): void {
    this.#totals.set([samples, loss, top1, top5, weight, steps]);
  }

  /** Add a step's micro-batches to the totals; the step's loss, nats, each sample's times its weight. */
  addStep(samples: number, microBatches: number): number {
    const totals = this.#totals;
    let loss = 0;
    let weight = 0;
    for (let microBatch = 0; microBatch < microBatches; microBatch++) {
      loss += this.microBatchLoss[microBatch]!;
      weight += this.microBatchWeight[microBatch]!;
      totals[Total.top1]! += this.microBatchTop1[microBatch]!;
      totals[Total.top5]! += this.microBatchTop5[microBatch]!;
    }
    totals[Total.loss]! += loss;
    totals[Total.weight]! += weight;
    totals[Total.samples]! += samples;
    this.#stepWeight = weight;
    totals[Total.steps]! += 1;
    return loss;
  }

  /** Of training alone; `step` counts from 0. */
  keepLoss(step: number, loss: number): void {
    this.#stepLosses[step] = loss;
  }

  /** The losses of an epoch's steps, from `first` to before `end`, copied. */
  stepLosses(first: number, end: number): Float64Array {
    return this.#stepLosses.slice(first, end);
  }

  /** Of the last step's samples: what a mean over them divides by. */
  get stepWeight(): number {
    return this.#stepWeight;
  }

  get totals(): PhaseTotals {
    const totals = this.#totals as unknown as [number, number, number, number, number];
    const [samples, loss, top1, top5, weight] = totals;
    return { samples, weight, loss, top1, top5 };
  }

  get steps(): number {
    return this.#totals[Total.steps]!;
  }
}
