import type { ResolvedConfig } from '../config/resolved.js';
import type { AugmentationConfig, OptimizerConfig } from '../config/schema.js';
import { bytesOfSample, type SampleFormat } from '../data/dataset.js';
import { ExitCode, UserError } from '../errors.js';
import { foldNorms } from '../graph/fold.js';
import type { Network } from '../graph/network.js';
import type { Shape } from '../graph/shape.js';
import { groupBytes, lanes } from '../kernels/kernels.js';
import { alone, chooseItemMicroBatches, cutBatch, type Share, treeTop } from '../runtime/batch.js';
import { type MetricsPlan, planMetrics } from '../runtime/metrics.js';
import { slotsOf } from '../runtime/optimizers/rules.js';
import { lengthOf } from '../runtime/optimizers/slots.js';
import { queueWords } from '../runtime/queue.js';
import { sentCountBytes } from '../runtime/sent.js';
import { receivedBytes, splitSums } from '../runtime/slices.js';
import { waitBytes } from '../runtime/waits.js';
import { Arena } from './arena.js';
import type { SharedMemoryLimit } from './memory-limit.js';
import { layOut } from './placement.js';
import { compileProgram, type Program } from './program.js';
import { planSamples, type SamplesPlan, type StoredSamples } from './samples-plan.js';

/** Micro-batches of an evaluation's items. */
export const evaluationItemMicroBatches = 2;
/** Samples of an evaluation's mini-batch, at most. */
const mostEvaluated = 1024;
/** Their bytes, at most: the ring must have room for two of these mini-batches. */
const evaluatedBytes = 2 ** 25;

/**
 * An evaluation has no optimizer to wait for, so its batches are large. By the samples' size alone, as they decide how losses are added up.
 */
export function evaluationBatchOf(dataset: Pick<SampleFormat, 'sampleType' | 'sampleShape'>): number {
  let batch = mostEvaluated;
  while (batch > lanes && batch * bytesOfSample(dataset) > evaluatedBytes) batch /= 2;
  return batch;
}

/** A worker's own memory. */
export interface WorkerPlan {
  /** Of a training, for what begins and ends within a stage (see `Layout`), or of an evaluation, for all: zero at first for either. */
  readonly memory: number;
  readonly memoryBytes: number;
  /** 8 addresses (u32), and 8 more of the samples that they are mixed with. */
  readonly samples: number;
  /** Of 8 samples: losses (f32), and how many classes come before the label (i32). */
  readonly losses: number;
  readonly classesBefore: number;
  /** Buffers for sums within an item, one a level of its tree above the pairs: see `item.ts`. */
  readonly partialSums: readonly number[];
  /** Where training images are augmented. */
  readonly augmentation: AugmentationPlan | undefined;
}

export interface AugmentationPlan {
  /** Gains, lifts and weights, 8 float32 each; the same of the partners. */
  readonly jitter: number;
  /** Room for 16 samples, `frameBytes` apart. */
  readonly frames: number;
  readonly frameBytes: number;
  /** Of `reframeBytes` and `warpBytes`. */
  readonly scratch: number;
  /** A byte a channel: what lies outside an image. */
  readonly fills: number;
  /** Of `warpBytes`, 6 float64; of `recolorBytes`, 9 float32. */
  readonly map: number;
  readonly matrix: number;
  /** 256 bytes, and of each channel how often each value comes, 256 u32. */
  readonly table: number;
  readonly counts: number;
}

/** Addresses, one a subtree. What comes before the next stage has room that all stages share. */
export interface ReceivedPlan {
  readonly now: readonly number[];
  readonly later: readonly number[];
}

/** What lies where in the shared memory, decided before the first step. Addresses in bytes. */
export interface MemoryPlan extends SamplesPlan, MetricsPlan {
  /** All of it. */
  readonly bytes: number;
  /** Int32 words: see `queue.ts`. */
  readonly queue: number;
  /** See `waits.ts`. */
  readonly waits: number;
  /** Of each rank, how long its coordinator has waited for others since the training began, ms: float64. Others tell rank 0. */
  readonly rankWaits: number;
  /** What this rank has sent in steps: see `sent.ts`. */
  readonly rankSent: number;
  readonly ranks: number;
  /** Counters of the tree's nodes above the items: `nodeCount` int32, one a cache line. */
  readonly nodes: number;
  readonly nodeCount: number;
  readonly parameters: number;
  readonly state: number;
  /** A buffer for each of the optimizer's slots: see `slotsOf`. */
  readonly slots: readonly number[];
  /** What a training sample counts, by its class, `[classes]` f32. */
  readonly classWeights: number;
  /** Buffers of sums, one an item of this rank's in training: see `Program`. */
  readonly itemSums: readonly number[];
  /** The buffer of the whole mini-batch's sums: the first item's, on the rank that has it. */
  readonly root: number;
  /** Where several ranks train together, of each stage: room for what is received of each other rank's subtrees. See `splitSums`. */
  readonly received: readonly ReceivedPlan[];
  /** Parameters with batch norms folded in, laid out as the parameters are: an evaluation has no use for the second buffer of sums. 0 where none is. */
  readonly folded: number;
  /** Where a program has several stages: memory of each of a mini-batch's micro-batches. See `Layout`. */
  readonly microBatchMemory: readonly number[];
  readonly itemMicroBatches: number;
  readonly tables: readonly (readonly number[])[];
  readonly workers: readonly WorkerPlan[];
}

type TrainingConfig = Pick<ResolvedConfig['training'], 'batchSize' | 'sampler' | 'augmentation'>;
export interface PlannedConfig {
  readonly training: TrainingConfig;
  readonly optimizer: OptimizerConfig;
}

/** The part of a mini-batch that a rank has. */
export interface PlannedShare extends Share {
  /** Of all ranks. */
  readonly threads: number;
}

/**
 * @param limit where the samples do not fit in, some of them stay in their file
 * @throws UserError where not even the rest fits
 */
export function planMemory(
  network: Network,
  dataset: StoredSamples,
  { training, optimizer }: PlannedConfig,
  threads: number,
  limit: SharedMemoryLimit,
  share: PlannedShare = { ...alone, threads },
): MemoryPlan {
  const program = compileProgram(network);
  const layout = layOut(network, program.training);
  const evaluated = foldNorms(network);
  const evaluation = layOut(evaluated, program.evaluation);
  const memoryBytes = Math.max(layout.workerBytes, evaluation.workerBytes);
  const arena = new Arena();
  const { batchSize } = training;
  const steps = Math.ceil(dataset.splits.train.samples / batchSize);
  const bufferBytes = network.bufferLength * 4;
  const itemMicroBatches = chooseItemMicroBatches(batchSize, share.threads);
  const { microBatches, items } = cutBatch(batchSize, itemMicroBatches);
  const mostItems = Math.ceil(items / share.ranks);
  const evaluationBatch = evaluationBatchOf(dataset);
  const evaluationItems = cutBatch(evaluationBatch, evaluationItemMicroBatches).items;
  const nodeCount = 2 * Math.max(items, evaluationItems) + 1;
  const mostMicroBatches = Math.max(microBatches, evaluationBatch / lanes);

  const itemSums = Array.from({ length: mostItems }, () => arena.take(program.sumBytes));
  const root = share.rank === 0 ? itemSums[0]! : arena.take(program.sumBytes);
  const common = {
    queue: arena.take(queueWords * 4),
    waits: arena.take(threads * waitBytes),
    ranks: share.ranks,
    rankWaits: arena.take(share.ranks * 8),
    rankSent: arena.take(sentCountBytes),
    nodes: arena.take(nodeCount * 64),
    nodeCount,
    ...planMetrics(arena, mostMicroBatches, steps, network.classes, share.ranks),
    parameters: arena.take(bufferBytes),
    state: arena.take(network.stateLength * 4),
    slots: slotsOf(optimizer).map((slot) => arena.take(lengthOf(slot, network) * 4)),
    classWeights: arena.take(network.classes * 4),
    itemMicroBatches,
    itemSums,
    root,
    received: planReceived(arena, program, items, share),
    folded: evaluated === network ? 0 : (itemSums[1] ?? arena.take(bufferBytes)),
    microBatchMemory:
      layout.microBatchBytes === 0
        ? []
        : Array.from({ length: Math.min(microBatches, mostItems * itemMicroBatches) }, () =>
            arena.take(layout.microBatchBytes),
          ),
    tables: network.nodes.map((layer) => layer.tables.map((table) => arena.take(table.byteLength))),
    workers: Array.from({ length: threads }, () =>
      planWorker(network, program, memoryBytes, arena, itemMicroBatches, training),
    ),
  };
  const { train, validation, test } = dataset.splits;
  const largestBatch = Math.max(
    Math.min(batchSize, train.samples),
    ...[train, validation, test].map(({ samples }) => Math.min(evaluationBatch, samples)),
  );
  const samples = planSamples(arena, dataset, network.classes, training, largestBatch, limit);
  return { ...common, ...samples, bytes: arena.size };
}

function planReceived(arena: Arena, { training }: Program, items: number, { ranks }: Share): ReceivedPlan[] {
  if (ranks === 1) return training.map(() => ({ now: [], later: [] }));
  // An epoch's last mini-batch has fewer items, of which another rank may have more subtrees.
  const counts = Array.from({ length: items }, (_, i) => treeTop(i + 1, ranks).subtrees.length);
  const rooms = (bytes: number) => Array.from({ length: Math.max(...counts) }, () => arena.take(bytes));
  const parts = training.map(splitSums);
  const now = rooms(Math.max(...parts.map((part) => receivedBytes(part.now, ranks))));
  return parts.map(({ later }) => ({ now, later: later ? rooms(receivedBytes(later, ranks)) : [] }));
}

function planWorker(
  network: Network,
  program: Program,
  memoryBytes: number,
  arena: Arena,
  itemMicroBatches: number,
  { augmentation }: TrainingConfig,
): WorkerPlan {
  return {
    memory: arena.take(memoryBytes),
    memoryBytes,
    samples: arena.take(2 * lanes * 4),
    losses: arena.take(lanes * 4),
    classesBefore: arena.take(lanes * 4),
    // A pair of micro-batches needs none: the second's kernels accumulate onto the first's sums.
    partialSums: Array.from({ length: Math.max(0, Math.log2(itemMicroBatches) - 1) }, () =>
      arena.take(program.sumBytes),
    ),
    augmentation:
      Object.keys(augmentation).length > 0 ? planAugmentation(network.input, augmentation, arena) : undefined,
  };
}

/** @throws UserError (exit code usage) for colours of what has no red, green and blue */
export function planAugmentation(
  sample: Shape,
  augmentation: AugmentationConfig,
  arena: Arena,
): AugmentationPlan {
  if (sample.length !== 3) throw cannotAugment('training.augmentation', 'images', sample);
  const [channels, height, width] = sample as [number, number, number];
  const coloured = (['trivialAugment', 'saturation', 'hue', 'grayscale'] as const).find(
    (name) => augmentation[name] !== undefined,
  );
  if (coloured !== undefined && channels !== 3)
    throw cannotAugment(`training.augmentation.${coloured}`, 'images of red, green and blue', sample);
  // `reframeBytes` writes up to 15 bytes too many.
  const frameBytes = Math.ceil((channels * height * width + 16) / 64) * 64;
  return {
    jitter: arena.take(6 * groupBytes),
    frames: arena.take(2 * lanes * frameBytes),
    frameBytes,
    scratch: arena.take(5 * 4 * (width + 3)),
    fills: arena.take(channels),
    map: arena.take(6 * 8),
    matrix: arena.take(9 * 4),
    table: arena.take(256),
    counts: arena.take(1024 * channels),
  };
}

const cannotAugment = (key: string, what: string, sample: Shape) =>
  new UserError(
    `${key} is of ${what}, and a sample is [${sample.join(', ')}]; leave it out`,
    ExitCode.usage,
    { path: key },
  );

/** Write the nodes' constant tables where the plan has them. */
export function writeTables(buffer: SharedArrayBuffer, network: Network, plan: MemoryPlan): void {
  const words = new Uint32Array(buffer);
  for (const [i, layer] of network.nodes.entries()) {
    for (const [j, table] of layer.tables.entries()) words.set(table, plan.tables[i]![j]! / 4);
  }
}

/**
 * Between a training and an evaluation, while no thread is at work: a worker's memory is laid out in one way for the one and in another for
 * the other, and each expects it to be 0 at first.
 * @param training whether it is a training that comes next
 */
export function clearWorkers(
  buffer: SharedArrayBuffer,
  { bufferLength }: Network,
  { workers, folded }: MemoryPlan,
  training: boolean,
): void {
  for (const { memory, memoryBytes } of workers) new Uint8Array(buffer, memory, memoryBytes).fill(0);
  // Folded weights lie in a buffer of sums, in which a frozen layer's gradient stays 0.
  if (training && folded !== 0) new Float32Array(buffer, folded, bufferLength).fill(0);
}
