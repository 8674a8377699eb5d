import type { MemoryPlan } from '../compile/memory-plan.js';
import { type Kernels, lanes } from '../kernels/kernels.js';
import type { BatchCut } from './batch.js';
import type { ShardRunner } from './micro-batch.js';

const wordsPerLine = 16;

/** Adds shards' gradients along the fixed tree of `batch.ts`: within an item by the thread that has it, above by who comes second. */
export class ReductionTree {
  readonly #kernels: Kernels;
  readonly #plan: MemoryPlan;
  readonly #length: number;
  readonly #partialSums: readonly number[];
  readonly #nodes: Int32Array;

  /** @param length of a gradient buffer, float32 */
  constructor(kernels: Kernels, buffer: SharedArrayBuffer, plan: MemoryPlan, length: number, rank: number) {
    this.#kernels = kernels;
    this.#plan = plan;
    this.#length = length;
    this.#partialSums = plan.workers[rank]!.partialSums;
    this.#nodes = new Int32Array(buffer, plan.nodes, plan.nodeCount * wordsPerLine);
  }

  /**
   * Run the shards of an item and leave the sum of their gradients in the item's buffer.
   * @param position of the batch's first sample in the epoch
   */
  runItem(runner: ShardRunner, cut: BatchCut, item: number, position: number, samples: number): void {
    const buffer = this.#plan.itemGradients[item] ?? 0;
    this.#runNode(runner, cut.shards, item * cut.itemShards, cut.itemShards, position, samples, buffer);
  }

  #runNode(
    runner: ShardRunner,
    shards: number,
    first: number,
    size: number,
    position: number,
    samples: number,
    buffer: number,
  ): void {
    if (size <= 2) {
      this.#runShard(runner, first, position, samples, buffer, 0);
      if (size === 2 && first + 1 < shards) this.#runShard(runner, first + 1, position, samples, buffer, 1);
      return;
    }
    const half = size / 2;
    this.#runNode(runner, shards, first, half, position, samples, buffer);
    if (first + half >= shards) return;
    const other = this.#partialSums[Math.log2(size) - 2]!;
    this.#runNode(runner, shards, first + half, half, position, samples, other);
    this.#kernels.add(buffer, other, this.#length);
  }

  #runShard(
    runner: ShardRunner,
    shard: number,
    position: number,
    samples: number,
    buffer: number,
    accumulate: 0 | 1,
  ): void {
    const offset = shard * lanes;
    runner.run(position + offset, Math.min(lanes, samples - offset), shard, buffer, accumulate);
  }

  /**
   * After an item: climb while this thread is the second of two siblings to come, and add the right one's sum to the left one's.
   * @returns true at the root: the batch is done, and its gradient lies in item 0's buffer
   */
  climb(item: number, items: number, training: boolean): boolean {
    let node = item;
    let width = items;
    let row = 0;
    let span = 1; // items under a node
    while (width > 1) {
      const parent = node >> 1;
      if ((node ^ 1) < width) {
        const counter = (row + parent) * wordsPerLine;
        if (Atomics.add(this.#nodes, counter, 1) === 0) return false;
        Atomics.store(this.#nodes, counter, 0);
        if (training) {
          const left = parent * 2 * span;
          this.#kernels.add(
            this.#plan.itemGradients[left]!,
            this.#plan.itemGradients[left + span]!,
            this.#length,
          );
        }
      }
      node = parent;
      width = (width + 1) >> 1;
      row += width;
      span *= 2;
    }
    return true;
  }

  /** Before a phase, while no thread is at work: a phase that was called off leaves counters behind. */
  static reset(buffer: SharedArrayBuffer, plan: MemoryPlan): void {
    new Int32Array(buffer, plan.nodes, plan.nodeCount * wordsPerLine).fill(0);
  }
}
