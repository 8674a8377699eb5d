import { lanes } from '../kernels/kernels.js';

/**
 * How a mini-batch is cut into micro-batches of 8 samples, one in each vector lane; this cut depends on the mini-batch alone.
 * `Worker` makes positions in the epoch of a micro-batch's index.
 *
 * The micro-batches' sums (gradients, batch statistics) are added along a binary tree over their index: a node holds
 * [i * 2^k, (i + 1) * 2^k), its children the halves; a node without a right half is its left one. Threads take *items*, nodes of one level,
 * and add within them. Which level is a matter of speed, and never of the sum. Nor is it of the sum which rank has which items.
 */
export interface BatchCut {
  readonly microBatches: number;
  /** Micro-batches of an item: a power of two. */
  readonly itemMicroBatches: number;
  readonly items: number;
  /** This rank's items: from the first to before `endItem`. */
  readonly firstItem: number;
  readonly endItem: number;
  /** How many whole subtrees these are. */
  readonly subtrees: number;
}

/** Which of the ranks that share a mini-batch this process is. */
export interface Share {
  readonly rank: number;
  readonly ranks: number;
}

/** Of a process that trains alone. */
export const alone: Share = { rank: 0, ranks: 1 };

/** The first item of a rank's: each has as many as the others or one fewer, and rank 0 the first. */
export const firstItemOf = (rank: number, ranks: number, items: number): number =>
  Math.ceil((rank * items) / ranks);

/** @param itemMicroBatches as `chooseItemMicroBatches` gives it for a full mini-batch */
export function cutBatch(
  samples: number,
  itemMicroBatches: number,
  { rank, ranks }: Share = alone,
): BatchCut {
  const microBatches = Math.ceil(samples / lanes);
  const items = Math.ceil(microBatches / itemMicroBatches);
  const subtrees = treeTop(items, ranks).subtrees.filter((subtree) => subtree.rank === rank).length;
  const firstItem = firstItemOf(rank, ranks, items);
  const endItem = firstItemOf(rank + 1, ranks, items);
  return { microBatches, itemMicroBatches, items, firstItem, endItem, subtrees };
}

/** This rank's samples of a mini-batch of so many: positions in it, from `begin` to before `end`. */
export function ownSamples(
  { firstItem, endItem, itemMicroBatches }: BatchCut,
  samples: number,
): { readonly begin: number; readonly end: number } {
  const before = (item: number) => Math.min(item * itemMicroBatches * lanes, samples);
  return { begin: before(firstItem), end: before(endItem) };
}

/** This rank's items of a mini-batch. */
export const ownItems = ({ firstItem, endItem }: BatchCut): number => endItem - firstItem;

/**
 * As large as it can be with two items a thread, so that few sums pass between threads and yet the load is even.
 * @param threads of all ranks
 */
export function chooseItemMicroBatches(batchSize: number, threads: number): number {
  const microBatches = Math.ceil(batchSize / lanes);
  const wanted = threads === 1 ? 1 : 2 * threads;
  let itemMicroBatches = 1;
  while (itemMicroBatches < microBatches && Math.ceil(microBatches / (2 * itemMicroBatches)) >= wanted)
    itemMicroBatches *= 2;
  return itemMicroBatches;
}

/** A node of the tree over a mini-batch's items, all of whose items one rank has, and not all of its parent's. */
export interface Subtree {
  readonly rank: number;
  /** Its first item, and how many it has room for: a power of two. */
  readonly first: number;
  readonly span: number;
}

/** The top of the tree, above the ranks' subtrees. */
export interface TreeTop {
  /** In the order of their items; together they have all. */
  readonly subtrees: readonly Subtree[];
  /** In this order, the right sum onto the left one; subtrees by their index. At the end the first one's is the whole mini-batch's. */
  readonly additions: readonly { readonly to: number; readonly from: number }[];
}

export function treeTop(items: number, ranks: number): TreeTop {
  const subtrees: Subtree[] = [];
  const additions: { to: number; from: number }[] = [];
  let rank = 0;
  /** @returns the index of the subtree in whose buffer the node's sum will be */
  const divide = (first: number, span: number): number => {
    while (firstItemOf(rank + 1, ranks, items) <= first) rank++;
    const end = Math.min(first + span, items);
    if (end <= firstItemOf(rank + 1, ranks, items)) return subtrees.push({ rank, first, span }) - 1;
    const half = span / 2;
    const to = divide(first, half);
    if (first + half < items) additions.push({ to, from: divide(first + half, half) });
    return to;
  };
  if (items > 0) divide(0, 2 ** Math.ceil(Math.log2(items)));
  return { subtrees, additions };
}
