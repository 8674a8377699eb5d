import { lanes } from '../kernels/kernels.js';

/**
 * The cut of a batch. Shards are 8 samples, one a vector lane; the cut depends on the batch alone.
 *
 * The shards' gradients are added along a binary tree over their index: a node holds shards [i * 2^k, (i + 1) * 2^k), its children
 * the halves; a node without a right half is its left one. Threads take *items*, nodes of one level, and add within them. Which
 * level is a matter of speed, and never of the sum.
 */
export interface BatchCut {
  readonly shards: number;
  /** Shards of an item: a power of two. */
  readonly itemShards: number;
  readonly items: number;
}

/** @param itemShards as `chooseItemShards` gives it for a full batch */
export function cutBatch(samples: number, itemShards: number): BatchCut {
  const shards = Math.ceil(samples / lanes);
  return { shards, itemShards, items: Math.ceil(shards / itemShards) };
}

/** As large as it can be with two items a thread, so that few sums pass between threads and yet the load is even. */
export function chooseItemShards(batchSize: number, threads: number): number {
  const shards = Math.ceil(batchSize / lanes);
  const wanted = threads === 1 ? 1 : 2 * threads;
  let itemShards = 1;
  while (itemShards < shards && Math.ceil(shards / (2 * itemShards)) >= wanted) itemShards *= 2;
  return itemShards;
}
