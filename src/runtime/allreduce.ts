import type { MemoryPlan } from '../compile/memory-plan.js';
import type { SumRange } from '../compile/program.js';
import type { Kernels } from '../kernels/kernels.js';

/**
 * Adds the items' sums of a stage along the fixed tree of `batch.ts`, always right onto left, until the whole mini-batch's lie in the first
 * item's buffer (`itemSums[0]`, which the optimizer and batch norm read). The tree alone says which two are added: not which thread adds
 * them, and not over which transport they came.
 */
export interface AllReduce {
  /**
   * An item's sums are in its buffer: add as many nodes above it as are ready. Called by any thread, which may block in it.
   * @param items of the mini-batch
   * @returns true for one caller a stage: the one that has added at the root
   * @throws UserError where a transport fails. It ends this rank's task; `Threads` then cancels the phase, which ends those of the other
   *   ranks, and throws it from `Engine.train`. Weights are those of the last step that this process took. (Shared memory never fails.)
   */
  arrive(item: number, items: number, sums: SumRange): boolean;
}

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

/** Among the threads of a process: the thread that brings the second of two siblings adds the right one's sums to the left one's. */
export class SharedMemoryAllReduce implements AllReduce {
  readonly #kernels: Kernels;
  readonly #itemSums: readonly number[];
  /** Of each node of the tree, how many children have arrived; row by row from the items' parents up. */
  readonly #arrived: Int32Array;

  constructor(kernels: Kernels, buffer: SharedArrayBuffer, plan: MemoryPlan) {
    this.#kernels = kernels;
    this.#itemSums = plan.itemSums;
    this.#arrived = arrivedOf(buffer, plan);
  }

  arrive(item: number, items: number, sums: SumRange): boolean {
    let node = item;
    let width = items;
    let row = 0;
    let span = 1; // items under a node
    while (width > 1) {
      const parent = node >> 1;
      if ((node ^ 1) < width) {
        const counter = (row + parent) * wordsPerLine;
        if (Atomics.add(this.#arrived, counter, 1) === 0) return false;
        Atomics.store(this.#arrived, counter, 0);
        const left = parent * 2 * span;
        addSums(this.#kernels, this.#itemSums[left]!, this.#itemSums[left + span]!, sums);
      }
      node = parent;
      width = (width + 1) >> 1;
      row += width;
      span *= 2;
    }
    return true;
  }

  /** Before a phase, while no thread is at work: a phase that was cancelled leaves counters behind. */
  static reset(buffer: SharedArrayBuffer, plan: MemoryPlan): void {
    arrivedOf(buffer, plan).fill(0);
  }
}

const arrivedOf = (buffer: SharedArrayBuffer, plan: MemoryPlan): Int32Array =>
  new Int32Array(buffer, plan.nodes, plan.nodeCount * wordsPerLine);
