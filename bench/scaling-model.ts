import { compileProgram } from '#lockstep/compile/program.js';
import type { Network } from '#lockstep/graph/network.js';
import { lanes } from '#lockstep/kernels/kernels.js';
import { chooseItemMicroBatches, cutBatch, treeTop } from '#lockstep/runtime/batch.js';
import { outcomeBytes } from '#lockstep/runtime/metrics.js';
import { isWhole } from '#lockstep/runtime/slices.js';

/** What joins the ranks. A message of n bytes takes latency + n / bandwidth. */
export interface Link {
  readonly name: string;
  /** s */
  readonly latency: number;
  /** Of a rank, each way, bytes/s. */
  readonly bandwidth: number;
}

/** What a rank does, s. */
export interface Costs {
  /** A sample, forward and backward, on one thread. */
  readonly sample: number;
  /** A message that is sent or received, beside its way: a call of MPI, the system's copy. */
  readonly message: number;
  /** The optimizer's step, a value. */
  readonly update: number;
  /** An addition of two sums, a value. */
  readonly addition: number;
  /** Opening and ending a stage among the threads of a rank. */
  readonly stage: number;
}

/** A network as far as the model goes. */
export interface Load {
  readonly parameters: number;
  /** Of each stage, what is added at its end: bytes of gradients (float32) and of statistics (float64). */
  readonly stages: readonly { readonly gradients: number; readonly statistics: number }[];
}

export function loadOf(network: Network): Load {
  const stages = compileProgram(network).training.map(({ sums }) => ({
    gradients: sums.gradientCount * 4,
    statistics: sums.statisticCount * 8,
  }));
  return { parameters: network.bufferLength, stages };
}

export interface Step {
  /** s */
  readonly time: number;
  /** Of the busiest rank, both sent and received. */
  readonly messages: number;
  /** Of the rank that sends most. */
  readonly bytesSent: number;
}

/** What is modelled: a network on ranks of so many threads, as many as each has cores. */
export interface Work {
  readonly load: Load;
  readonly threads: number;
  readonly costs: Costs;
}

export interface Point extends Step {
  readonly ranks: number;
  /** Speed on these ranks by the speed of as many that need no exchange, of the same batch. */
  readonly efficiency: number;
}

export interface NetworkScaling {
  readonly name: string;
  readonly title: string;
  readonly work: Work;
  readonly perLink: readonly {
    readonly link: Link;
    readonly curves: readonly { readonly batch: number; readonly points: readonly Point[] }[];
    /** The batch that so many ranks need; none where no batch is large enough. */
    readonly needed: readonly { readonly ranks: number; readonly batch: number | undefined }[];
  }[];
}

/** Steps of one batch on each number of ranks. */
export function curve(work: Work, link: Link, batch: number, ranks: readonly number[]): Point[] {
  const alone = stepOf(work, batch, 1, link).time;
  return ranks.map((count) => {
    const step = stepOf(work, batch, count, link);
    return { ...step, ranks: count, efficiency: alone / (count * step.time) };
  });
}

/** Where more ranks stop to pay. */
export const fastestOf = (points: readonly Point[]): Point =>
  points.reduce((best, point) => (point.time < best.time ? point : best));

const largestBatch = 2 ** 20;

/** The smallest batch of 1, 2, 4 ... micro-batches a rank that reaches an efficiency; none above a million. */
export function batchFor(work: Work, link: Link, ranks: number, efficiency: number): number | undefined {
  for (let batch = lanes * ranks; batch <= largestBatch; batch *= 2) {
    if (curve(work, link, batch, [ranks])[0]!.efficiency >= efficiency) return batch;
  }
  return undefined;
}

/** A training step of the busiest rank: its samples, then at each stage's end the exchange. Nothing overlaps. */
export function stepOf({ load, threads, costs }: Work, batch: number, ranks: number, link: Link): Step {
  const { items, itemMicroBatches } = cutBatch(batch, chooseItemMicroBatches(batch, ranks * threads));
  const itemTime = itemMicroBatches * lanes * costs.sample;
  const arithmetic = Math.ceil(Math.ceil(items / ranks) / threads) * itemTime;
  const own = subtreesOf(items, ranks);
  let time = arithmetic + load.parameters * costs.update;
  let messages = 0;
  let bytesSent = 0;
  for (const [i, { gradients, statistics }] of load.stages.entries()) {
    const outcomes = i === load.stages.length - 1 ? (batch / lanes) * outcomeBytes : 0;
    const exchange = exchangeOf(own, gradients, statistics, outcomes, link, costs);
    time += costs.stage + exchange.time;
    messages += exchange.messages;
    bytesSent += exchange.bytesSent;
  }
  return { time, messages, bytesSent };
}

/** Of each rank, how many whole subtrees its run of the items is. */
function subtreesOf(items: number, ranks: number): number[] {
  const counts = new Array<number>(ranks).fill(0);
  for (const { rank } of treeTop(items, ranks).subtrees) counts[rank]!++;
  return counts;
}

function exchangeOf(
  own: readonly number[],
  gradients: number,
  statistics: number,
  outcomes: number,
  { latency, bandwidth }: Link,
  costs: Costs,
): Step {
  const ranks = own.length;
  if (ranks === 1) return { time: 0, messages: 0, bytesSent: 0 };
  const subtrees = own.reduce((sum, count) => sum + count, 0);
  const whole = isWhole(gradients / 4, ranks);
  const slice = whole ? gradients : gradients / ranks;
  const kinds = (gradients > 0 ? 1 : 0) + (statistics > 0 ? 1 : 0);
  const others = ranks - 1;
  // Round 1: sums of the subtrees, and the outcomes.
  const most = Math.max(...own);
  const least = Math.min(...own);
  const sent = others * (most * (slice + statistics) + outcomes / ranks);
  const received = (subtrees - least) * (slice + statistics) + (others / ranks) * outcomes;
  const first = kinds * (others * most + subtrees - most) + (outcomes > 0 ? 2 * others : 0);
  const additions = (subtrees - 1) * (slice / 4 + statistics / 8) * costs.addition;
  // Round 2: the slices' sums to all.
  const second = whole ? 0 : 2 * others;
  const back = whole ? 0 : others * slice;
  const rounds = whole ? 1 : 2;
  return {
    time:
      rounds * latency +
      (Math.max(sent, received) + back) / bandwidth +
      (first + second) * costs.message +
      additions,
    messages: first + second,
    bytesSent: sent + back,
  };
}
