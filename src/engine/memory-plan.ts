import { bytesOfSample, type SampleFormat, type SplitName, splitNames } from '../data/dataset.js';
import { ExitCode, UserError } from '../errors.js';
import { lanes } from '../kernels/kernels.js';
import { Arena } from '../memory/arena.js';
import type { Network } from '../model/network.js';
import { type Placement, placeNetwork } from '../model/placement.js';
import { chooseItemShards, cutBatch } from './batch.js';
import { controlWords } from './control.js';

/** A 32-bit address reaches 4 GiB. */
const maxBytes = 2 ** 32;

/** Samples that an evaluation opens at a time, and shards of its items: it has no optimizer to wait for, and nothing to add. */
export const evaluationBatch = 1024;
export const evaluationItemShards = 2;

/** A worker's own memory. */
export interface WorkerPlan {
  readonly network: Placement;
  /** 8 addresses (u32), 8 labels (i32), 8 losses (f32), 8 ranks (i32). */
  readonly samples: number;
  readonly labels: number;
  readonly losses: number;
  readonly ranks: number;
  /** Gradient buffers for sums within an item, one a level of the tree. */
  readonly partialSums: readonly number[];
}

/** What lies where in the shared memory, decided before the first step. Addresses in bytes. */
export interface MemoryPlan {
  /** All of it. */
  readonly bytes: number;
  /** Int32 words: see `control.ts`. */
  readonly control: number;
  /** Counters of the tree's nodes above the items: `nodeCount` int32, one a cache line. */
  readonly nodes: number;
  readonly nodeCount: number;
  /** Running totals of a phase, 8 float64: see `metrics.ts`. */
  readonly totals: number;
  /** Of each of a step's shards, `shards` at most: loss (f64), top-1 and top-5 hits (i32). */
  readonly shards: number;
  readonly shardLoss: number;
  readonly shardTop1: number;
  readonly shardTop5: number;
  readonly parameters: number;
  readonly velocity: number;
  /** Gradient buffers, one an item; all buffers of parameters have `network.bufferLength` float32. */
  readonly itemGradients: readonly number[];
  readonly itemShards: number;
  readonly tables: readonly (readonly number[])[];
  readonly workers: readonly WorkerPlan[];
  readonly splits: Readonly<Record<SplitName, { readonly samples: number; readonly labels: number }>>;
}

/** What has to be known of a dataset to give it a place. */
export interface StoredSamples extends Pick<SampleFormat, 'sampleType' | 'sampleShape'> {
  readonly splits: Readonly<Record<SplitName, { readonly samples: number }>>;
}

/** @throws UserError where it all does not fit into 4 GiB */
export function planMemory(
  network: Network,
  dataset: StoredSamples,
  batchSize: number,
  threads: number,
): MemoryPlan {
  const arena = new Arena();
  const bufferBytes = network.bufferLength * 4;
  const itemShards = chooseItemShards(batchSize, threads);
  const { shards, items } = cutBatch(batchSize, itemShards);
  const evaluationItems = cutBatch(evaluationBatch, evaluationItemShards).items;
  const nodeCount = 2 * Math.max(items, evaluationItems);
  const maxShards = Math.max(shards, evaluationBatch / lanes);

  const common = {
    control: arena.take(controlWords * 4),
    nodes: arena.take(nodeCount * 64),
    nodeCount,
    shards: maxShards,
    totals: arena.take(64),
    shardLoss: arena.take(maxShards * 8),
    shardTop1: arena.take(maxShards * 4),
    shardTop5: arena.take(maxShards * 4),
    parameters: arena.take(bufferBytes),
    velocity: arena.take(bufferBytes),
    itemShards,
    itemGradients: Array.from({ length: items }, () => arena.take(bufferBytes)),
    tables: network.layers.map((layer) => layer.tables.map((table) => arena.take(table.byteLength))),
    workers: Array.from({ length: threads }, () => planWorker(network, arena, bufferBytes, itemShards)),
  };
  const sampleBytes = bytesOfSample(dataset);
  const splits = Object.fromEntries(
    splitNames.map((name) => {
      const { samples } = dataset.splits[name];
      // gatherBytes reads up to 7 bytes behind the last sample.
      return [name, { samples: arena.take(samples * sampleBytes + 8), labels: arena.take(samples * 4) }];
    }),
  ) as MemoryPlan['splits'];

  if (arena.size > maxBytes) {
    throw new UserError(
      `this run needs ${(arena.size / 2 ** 30).toFixed(1)} GiB of shared memory, and 4 GiB is the limit; ` +
        'use smaller images, fewer samples, a smaller network, a smaller batch or fewer threads',
      ExitCode.usage,
    );
  }
  return { ...common, splits, bytes: arena.size };
}

function planWorker(network: Network, arena: Arena, bufferBytes: number, itemShards: number): WorkerPlan {
  return {
    network: placeNetwork(network, arena),
    samples: arena.take(lanes * 4),
    labels: arena.take(lanes * 4),
    losses: arena.take(lanes * 4),
    ranks: arena.take(lanes * 4),
    // A pair of shards needs none: the second is added to the first as it is made.
    partialSums: Array.from({ length: Math.max(0, Math.log2(itemShards) - 1) }, () =>
      arena.take(bufferBytes),
    ),
  };
}

/** Put the layers' constant tables in their places. */
export function writeTables(buffer: SharedArrayBuffer, network: Network, plan: MemoryPlan): void {
  const words = new Uint32Array(buffer);
  for (const [i, layer] of network.layers.entries()) {
    for (const [j, table] of layer.tables.entries()) words.set(table, plan.tables[i]![j]! / 4);
  }
}
