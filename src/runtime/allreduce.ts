import type { MemoryPlan } from '../compile/memory-plan.js';
import type { SumRange } from '../compile/program.js';
import type { Kernels } from '../kernels/kernels.js';
import type { BatchCut } from './batch.js';

/** Add one buffer's sums of a stage to another's. */
export function addSums(
  kernels: Kernels,
  to: number,
  from: number,
  { gradients, gradientCount, statistics, statisticCount }: SumRange,
): void {
  if (gradientCount > 0) kernels.add(to + gradients, from + gradients, gradientCount);
  if (statisticCount > 0) kernels.addDoubles(to + statistics, from + statistics, statisticCount);
}

const wordsPerLine = 16;

/**
 * The all-reduce among the threads of a process: adds its items' sums of a stage along the fixed tree of `batch.ts`, always right onto left;
 * whichever thread brings the second of two siblings adds. A process that trains alone has then the whole mini-batch's in its first item's
 * buffer; a rank those of its subtrees, each in its first item's buffer, and `RankExchange` adds what is above.
 */
export class AllReduce {
  readonly #kernels: Kernels;
  readonly #itemSums: readonly number[];
  /** Of each node of the tree, how many children have arrived; row by row from the items' parents up. */
  readonly #arrived: Int32Array;
  /** The last counter's place: subtrees that are complete. */
  readonly #complete: number;

  constructor(kernels: Kernels, buffer: SharedArrayBuffer, plan: MemoryPlan) {
    this.#kernels = kernels;
    this.#itemSums = plan.itemSums;
    this.#arrived = arrivedOf(buffer, plan);
    this.#complete = (plan.nodeCount - 1) * wordsPerLine;
  }

  /**
   * An item's sums are in its buffer: add as many nodes above it as are ready. Called by any thread.
   * @returns true for one caller a stage: the one that has completed this process's sums
   */
  arrive(item: number, { items, firstItem, endItem, subtrees }: BatchCut, sums: SumRange): boolean {
    let node = item;
    let width = items;
    let row = 0;
    let span = 1; // items under a node
    while (width > 1) {
      const parent = node >> 1;
      const left = parent * 2 * span;
      if (left < firstItem || Math.min(left + 2 * span, items) > endItem) break; // has other ranks' items
      if ((node ^ 1) < width) {
        const counter = (row + parent) * wordsPerLine;
        if (Atomics.add(this.#arrived, counter, 1) === 0) return false;
        Atomics.store(this.#arrived, counter, 0);
        const at = left - firstItem;
        addSums(this.#kernels, this.#itemSums[at]!, this.#itemSums[at + span]!, sums);
      }
      node = parent;
      width = (width + 1) >> 1;
      row += width;
      span *= 2;
    }
    if (subtrees === 1) return true;
    if (Atomics.add(this.#arrived, this.#complete, 1) + 1 < subtrees) return false;
    Atomics.store(this.#arrived, this.#complete, 0);
    return true;
  }

  /** Before a phase, while no thread is at work: a phase that was cancelled leaves counters behind. */
  static reset(buffer: SharedArrayBuffer, plan: MemoryPlan): void {
    arrivedOf(buffer, plan).fill(0);
  }
}

const arrivedOf = (buffer: SharedArrayBuffer, plan: MemoryPlan): Int32Array =>
  new Int32Array(buffer, plan.nodes, plan.nodeCount * wordsPerLine);
