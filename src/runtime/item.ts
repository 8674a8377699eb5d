import type { SumRange } from '../compile/program.js';
import type { Kernels } from '../kernels/kernels.js';
import { addSums } from './allreduce.js';
import type { BatchCut } from './batch.js';

/** Runs one micro-batch: its sums go to the buffer at `sums`, or are added to it where `accumulate` is 1. */
export type RunMicroBatch = (microBatch: number, sums: number, accumulate: 0 | 1) => void;

/** The buffers in which an item's sums are made, and what of them a stage adds. */
export interface ItemBuffers {
  readonly kernels: Kernels;
  /** The item's own. */
  readonly sums: number;
  /** Where a right half is summed before it is added: one buffer for each level of the item's tree above the pairs. */
  readonly partialSums: readonly number[];
  readonly range: SumRange;
}

/**
 * Run an item's micro-batches in order, and leave their sum in the item's buffer, added along its part of the fixed tree. The second of a
 * pair needs no buffer: its kernels accumulate onto the first's sums (left + right, as everywhere in the tree).
 */
export function runItem(run: RunMicroBatch, cut: BatchCut, item: number, buffers: ItemBuffers): void {
  runNode(run, cut.microBatches, item * cut.itemMicroBatches, cut.itemMicroBatches, buffers, buffers.sums);
}

function runNode(
  run: RunMicroBatch,
  microBatches: number,
  first: number,
  size: number,
  buffers: ItemBuffers,
  sums: number,
): void {
  if (size <= 2) {
    run(first, sums, 0);
    if (size === 2 && first + 1 < microBatches) run(first + 1, sums, 1);
    return;
  }
  const half = size / 2;
  runNode(run, microBatches, first, half, buffers, sums);
  if (first + half >= microBatches) return;
  const other = buffers.partialSums[Math.log2(size) - 2]!;
  runNode(run, microBatches, first + half, half, buffers, other);
  addSums(buffers.kernels, sums, other, buffers.range);
}
