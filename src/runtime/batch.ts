import { lanes } from '../kernels/kernels.js';

/**
 * How a mini-batch is cut into micro-batches of 8 samples, one in each vector lane; this cut depends on the mini-batch alone.
 * `Worker` makes positions in the epoch of a micro-batch's index.
 *
 * The micro-batches' sums (gradients, batch statistics) are added along a binary tree over their index: a node holds
 * [i * 2^k, (i + 1) * 2^k), its children the halves; a node without a right half is its left one. Threads take *items*, nodes of one level,
 * and add within them. Which level is a matter of speed, and never of the sum.
 */
export interface BatchCut {
  readonly microBatches: number;
  /** Micro-batches of an item: a power of two. */
  readonly itemMicroBatches: number;
  readonly items: number;
}

/** @param itemMicroBatches as `chooseItemMicroBatches` gives it for a full mini-batch */
export function cutBatch(samples: number, itemMicroBatches: number): BatchCut {
  const microBatches = Math.ceil(samples / lanes);
  return { microBatches, itemMicroBatches, items: Math.ceil(microBatches / itemMicroBatches) };
}

/** As large as it can be with two items a thread, so that few sums pass between threads and yet the load is even. */
export function chooseItemMicroBatches(batchSize: number, threads: number): number {
  const microBatches = Math.ceil(batchSize / lanes);
  const wanted = threads === 1 ? 1 : 2 * threads;
  let itemMicroBatches = 1;
  while (itemMicroBatches < microBatches && Math.ceil(microBatches / (2 * itemMicroBatches)) >= wanted)
    itemMicroBatches *= 2;
  return itemMicroBatches;
}
