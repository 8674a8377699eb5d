import { Arena } from '../compile/arena.js';
import { lanes } from '../kernels/kernels.js';
import { nothingDone, type PhaseTotals } from './phase.js';

const Total = { samples: 0, loss: 1, top1: 2, top5: 3, weight: 4, steps: 5 } as const;

/** Where losses and hits lie in the shared memory. Addresses in bytes. */
export interface MetricsPlan {
  /** Running totals of a phase, 8 float64. */
  readonly totals: number;
  /** The losses of an epoch's steps, `steps` float64. */
  readonly stepLosses: number;
  readonly steps: number;
  /** Of each of a step's micro-batches, `microBatches` at most: see `Outcome`. Before them lies a word of the coordinator's. */
  readonly microBatches: number;
  readonly outcomes: number;
  /** Of an evaluation: the top-1 hits of each of `classes` classes (i32), as every rank has counted them. */
  readonly classHits: readonly number[];
  readonly classes: number;
}

/** Of a micro-batch, float64 each: loss, weight, top-1 and top-5 hits. */
const Outcome = { loss: 0, weight: 1, top1: 2, top5: 3 } as const;
const outcomeWords = 4;
export const outcomeBytes = outcomeWords * 8;

export const planMetrics = (
  arena: Arena,
  microBatches: number,
  steps: number,
  classes: number,
  ranks = 1,
): MetricsPlan => ({
  microBatches,
  totals: arena.take(64),
  stepLosses: arena.take(steps * 8),
  steps,
  outcomes: arena.take(8 + microBatches * outcomeBytes) + 8,
  classHits: Array.from({ length: ranks }, () => arena.take(classes * 4)),
  classes,
});

/**
 * Losses and hits: each micro-batch leaves its own, the coordinator adds them in their order, anyone may look at the totals. The order
 * is the one of every loss that lockstep tells: samples of a micro-batch, micro-batches of a step, steps.
 */
export class Metrics {
  /** `[microBatches][4]`: see `Outcome`. */
  readonly outcomes: Float64Array;
  readonly #classHits: readonly Int32Array[];
  readonly #own: Int32Array;
  readonly #totals: Float64Array;
  /** Of each of an epoch's steps. */
  readonly #stepLosses: Float64Array;
  /** The coordinator's word, which rank 0 tells the others with the outcomes. */
  readonly #halted: Float64Array;
  #stepWeight = 0;

  /** @param rank whose hits `addClassHit` counts */
  constructor(buffer: SharedArrayBuffer, plan: MetricsPlan, rank = 0) {
    this.#halted = new Float64Array(buffer, plan.outcomes - 8, 1);
    this.outcomes = new Float64Array(buffer, plan.outcomes, plan.microBatches * outcomeWords);
    this.#classHits = plan.classHits.map((at) => new Int32Array(buffer, at, plan.classes));
    this.#own = this.#classHits[rank]!;
    this.#totals = new Float64Array(buffer, plan.totals, 8);
    this.#stepLosses = new Float64Array(buffer, plan.stepLosses, plan.steps);
  }

  /** Before a pass, or before the rest of one: what was counted and how many steps were taken before. */
  reset({ samples, loss, top1, top5, weight }: PhaseTotals, steps: number): void {
    this.#halted[0] = 0;
    this.#totals.set([samples, loss, top1, top5, weight, steps]);
    if (steps === 0) for (const hits of this.#classHits) hits.fill(0);
  }

  /**
   * A micro-batch's own sums. The losses are float32, and are added in float64.
   * @param losses `[8]`, of which the first `samples` count, as of `classesBefore`
   * @param weightOf of a sample by its lane, where not all weigh 1
   */
  setMicroBatch(
    microBatch: number,
    losses: Float32Array,
    classesBefore: Int32Array,
    samples: number,
    weightOf?: (lane: number) => number,
  ): void {
    let loss = 0;
    let weight = 0;
    let top1 = 0;
    let top5 = 0;
    for (let lane = 0; lane < samples; lane++) {
      const before = classesBefore[lane]!;
      loss += losses[lane]!;
      weight += weightOf === undefined ? 1 : weightOf(lane);
      if (before === 0) top1++;
      if (before < 5) top5++;
    }
    const at = microBatch * outcomeWords;
    this.outcomes[at + Outcome.loss] = loss;
    this.outcomes[at + Outcome.weight] = weight;
    this.outcomes[at + Outcome.top1] = top1;
    this.outcomes[at + Outcome.top5] = top5;
  }

  /** A top-1 hit of an evaluation. Counts are whole numbers: whichever thread adds first, the sum is the same. */
  addClassHit(label: number): void {
    Atomics.add(this.#own, label, 1);
  }

  /** The last evaluation's top-1 hits of each class, of all ranks. */
  get classHits(): Int32Array {
    return this.#own.map((_, label) => this.#classHits.reduce((sum, hits) => sum + hits[label]!, 0));
  }

  /** Add a step's micro-batches to the totals; the step's loss, nats, each sample's times its weight. */
  addStep(samples: number, microBatches: number): number {
    const totals = this.#totals;
    let loss = 0;
    let weight = 0;
    for (let at = 0; at < microBatches * outcomeWords; at += outcomeWords) {
      loss += this.outcomes[at + Outcome.loss]!;
      weight += this.outcomes[at + Outcome.weight]!;
      totals[Total.top1]! += this.outcomes[at + Outcome.top1]!;
      totals[Total.top5]! += this.outcomes[at + Outcome.top5]!;
    }
    totals[Total.loss]! += loss;
    totals[Total.weight]! += weight;
    totals[Total.samples]! += samples;
    this.#stepWeight = weight;
    totals[Total.steps]! += 1;
    return loss;
  }

  /** Before the outcomes are exchanged. What rank 0 tells holds for all: so they take the same steps. */
  tellHalt(isHalted: boolean): void {
    this.#halted[0] = isHalted ? 1 : 0;
  }

  /** Whether no further step is to be taken. */
  get isHalted(): boolean {
    return this.#halted[0] !== 0;
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

/**
 * The totals of an evaluation that found these losses and, of each sample, how many classes come before the label, `[samples]`.
 * @param batch samples of a step: see `evaluationBatchOf`
 */
export function totalsOf(losses: Float32Array, classesBefore: Int32Array, batch: number): PhaseTotals {
  const arena = new Arena();
  const plan = planMetrics(arena, Math.ceil(batch / lanes), 0, 0);
  const metrics = new Metrics(new SharedArrayBuffer(arena.size), plan);
  metrics.reset(nothingDone.totals, 0);
  for (let step = 0; step < losses.length; step += batch) {
    const end = Math.min(step + batch, losses.length);
    let microBatch = 0;
    for (let at = step; at < end; at += lanes) {
      const last = Math.min(at + lanes, end);
      metrics.setMicroBatch(
        microBatch++,
        losses.subarray(at, last),
        classesBefore.subarray(at, last),
        last - at,
      );
    }
    metrics.addStep(end - step, microBatch);
  }
  return metrics.totals;
}
