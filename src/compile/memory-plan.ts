import type { ResolvedConfig } from '../config/resolve.js';
import type { OptimizerConfig } from '../config/schema.js';
import { bytesOfSample, type SampleFormat } from '../data/dataset.js';
import type { Network } from '../graph/network.js';
import type { Shape } from '../graph/shape.js';
import { groupBytes, lanes } from '../kernels/kernels.js';
import { chooseItemShards, cutBatch } from '../runtime/batch.js';
import { slotsOf } from '../runtime/optimizers/rules.js';
import { controlWords } from '../runtime/queue.js';
import { waitBytes } from '../runtime/waits.js';
import { Arena } from './arena.js';
import { sharedMemoryLimit } from './memory-limit.js';
import { type Placement, placeNetwork } from './placement.js';
import { planSamples, type SamplesPlan, type StoredSamples } from './samples-plan.js';

/** Shards of an evaluation's items. */
export const evaluationItemShards = 2;
/** Samples that it opens at a time, at most. */
const mostEvaluated = 1024;
/** Their bytes, at most: two of these batches must fit where samples are streamed. */
const evaluatedBytes = 2 ** 25;

/** An evaluation has no optimizer to wait for, so its batches are large. By the samples' size alone: losses are added up by batches. */
export function evaluationBatchOf(dataset: Pick<SampleFormat, 'sampleType' | 'sampleShape'>): number {
  let batch = mostEvaluated;
  while (batch > lanes && batch * bytesOfSample(dataset) > evaluatedBytes) batch /= 2;
  return batch;
}

/** A worker's own memory. */
export interface WorkerPlan {
  readonly network: Placement;
  /** 8 addresses (u32), and 8 more of the samples that they are mixed with. */
  readonly samples: number;
  /** Labels, partners' labels (8 i32 each) and shares (8 f32), one behind the other: see `crossEntropy`. */
  readonly targets: { readonly labels: number; readonly partners: number; readonly shares: number };
  /** 8 losses (f32), 8 ranks (i32). */
  readonly losses: number;
  readonly ranks: number;
  /** Gradient buffers for sums within an item, one a level of the tree. */
  readonly partialSums: readonly number[];
  /** Where training images are augmented. */
  readonly augmentation: AugmentationPlan | undefined;
}

export interface AugmentationPlan {
  /** Gains, lifts and shares, 8 float32 each; the same of the partners. */
  readonly jitter: number;
  /** Room for 16 samples, `frameBytes` apart. */
  readonly frames: number;
  readonly frameBytes: number;
  /** Scratch of `reframeBytes`. */
  readonly masks: number;
  /** A byte a channel: what lies outside an image. */
  readonly fills: number;
}

/** What lies where in the shared memory, decided before the first step. Addresses in bytes. */
export interface MemoryPlan extends SamplesPlan {
  /** All of it. */
  readonly bytes: number;
  /** Int32 words: see `control.ts`. */
  readonly control: number;
  /** See `waits.ts`. */
  readonly waits: number;
  /** Counters of the tree's nodes above the items: `nodeCount` int32, one a cache line. */
  readonly nodes: number;
  readonly nodeCount: number;
  /** Running totals of a phase, 8 float64: see `metrics.ts`. */
  readonly totals: number;
  /** The losses of an epoch's steps, `steps` float64. */
  readonly stepLosses: number;
  readonly steps: number;
  /** Of each of a step's shards, `shards` at most: loss and weight (f64), top-1 and top-5 hits (i32). */
  readonly shards: number;
  readonly shardLoss: number;
  readonly shardWeight: number;
  readonly shardTop1: number;
  readonly shardTop5: number;
  readonly parameters: number;
  /** A parameter buffer for each of the optimizer's slots: see `slotsOf`. */
  readonly slots: readonly number[];
  /** What a training sample counts, by its class, `[classes]` f32. */
  readonly classWeights: number;
  /** Gradient buffers, one an item; all buffers of parameters have `network.bufferLength` float32. */
  readonly itemGradients: readonly number[];
  readonly itemShards: number;
  readonly tables: readonly (readonly number[])[];
  readonly workers: readonly WorkerPlan[];
}

type TrainingConfig = Pick<ResolvedConfig['training'], 'batchSize' | 'sampler' | 'augmentation'>;
interface PlannedConfig {
  readonly training: TrainingConfig;
  readonly optimizer: Pick<OptimizerConfig, 'type'>;
}

/**
 * @param sharedBytes that the shared memory may have, as in `sharedMemoryLimit`; where the samples do not fit in, some of them stay in
 * their file
 * @throws UserError where not even the rest fits
 */
export function planMemory(
  network: Network,
  dataset: StoredSamples,
  { training, optimizer }: PlannedConfig,
  threads: number,
  sharedBytes: number | undefined,
): MemoryPlan {
  const arena = new Arena();
  const { batchSize } = training;
  const steps = Math.ceil(dataset.splits.train.samples / batchSize);
  const bufferBytes = network.bufferLength * 4;
  const itemShards = chooseItemShards(batchSize, threads);
  const { shards, items } = cutBatch(batchSize, itemShards);
  const evaluationBatch = evaluationBatchOf(dataset);
  const evaluationItems = cutBatch(evaluationBatch, evaluationItemShards).items;
  const nodeCount = 2 * Math.max(items, evaluationItems);
  const maxShards = Math.max(shards, evaluationBatch / lanes);

  const common = {
    control: arena.take(controlWords * 4),
    waits: arena.take(threads * waitBytes),
    nodes: arena.take(nodeCount * 64),
    nodeCount,
    shards: maxShards,
    totals: arena.take(64),
    stepLosses: arena.take(steps * 8),
    steps,
    shardLoss: arena.take(maxShards * 8),
    shardWeight: arena.take(maxShards * 8),
    shardTop1: arena.take(maxShards * 4),
    shardTop5: arena.take(maxShards * 4),
    parameters: arena.take(bufferBytes),
    slots: slotsOf(optimizer).map(() => arena.take(bufferBytes)),
    classWeights: arena.take(network.classes * 4),
    itemShards,
    itemGradients: Array.from({ length: items }, () => arena.take(bufferBytes)),
    tables: network.layers.map((layer) => layer.tables.map((table) => arena.take(table.byteLength))),
    workers: Array.from({ length: threads }, () =>
      planWorker(network, arena, bufferBytes, itemShards, training),
    ),
  };
  const { train, validation, test } = dataset.splits;
  const largestBatch = Math.max(
    Math.min(batchSize, train.samples),
    ...[train, validation, test].map(({ samples }) => Math.min(evaluationBatch, samples)),
  );
  const samples = planSamples(
    arena,
    dataset,
    network.classes,
    training,
    largestBatch,
    sharedMemoryLimit(sharedBytes, threads),
  );
  return { ...common, ...samples, bytes: arena.size };
}

function planWorker(
  network: Network,
  arena: Arena,
  bufferBytes: number,
  itemShards: number,
  { augmentation }: TrainingConfig,
): WorkerPlan {
  const targets = arena.take(3 * groupBytes);
  return {
    network: placeNetwork(network, arena),
    samples: arena.take(2 * lanes * 4),
    targets: { labels: targets, partners: targets + groupBytes, shares: targets + 2 * groupBytes },
    losses: arena.take(lanes * 4),
    ranks: arena.take(lanes * 4),
    // A pair of shards needs none: the second is added to the first as it is made.
    partialSums: Array.from({ length: Math.max(0, Math.log2(itemShards) - 1) }, () =>
      arena.take(bufferBytes),
    ),
    augmentation: Object.keys(augmentation).length > 0 ? planAugmentation(network.input, arena) : undefined,
  };
}

export function planAugmentation(sample: Shape, arena: Arena): AugmentationPlan {
  const [channels, height, width] = sample as [number, number, number];
  // `reframeBytes` writes up to 15 bytes too many.
  const frameBytes = Math.ceil((channels * height * width + 16) / 64) * 64;
  return {
    jitter: arena.take(6 * groupBytes),
    frames: arena.take(2 * lanes * frameBytes),
    frameBytes,
    masks: arena.take(2 * (width + 16)),
    fills: arena.take(channels),
  };
}

/** Put the layers' constant tables in their places. */
export function writeTables(buffer: SharedArrayBuffer, network: Network, plan: MemoryPlan): void {
  const words = new Uint32Array(buffer);
  for (const [i, layer] of network.layers.entries()) {
    for (const [j, table] of layer.tables.entries()) words.set(table, plan.tables[i]![j]! / 4);
  }
}
