import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedMemoryLimit } from '#lockstep/compile/memory-limit.js';
import { planMemory, writeTables } from '#lockstep/compile/memory-plan.js';
import { loadConfig, parseConfig } from '#lockstep/config/load.js';
import { completeConfig, resolveConfig, withClasses } from '#lockstep/config/resolve.js';
import type { ResolvedConfig, ResolvedLayer } from '#lockstep/config/resolved.js';
import { type PackedDataset, type SplitName, splitNames } from '#lockstep/data/dataset.js';
import { checksumsOf } from '#lockstep/data/packed/checksums.js';
import { buildNetwork, type Network } from '#lockstep/graph/network.js';
import { wireLayers } from '#lockstep/graph/wiring.js';
import { instantiateKernels, lanes } from '#lockstep/kernels/kernels.js';
import { hash, normalQuantile, uniform } from '#lockstep/numerics/random.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import { NodeEngine } from '#lockstep/platform/node-engine.js';
import type { Engine } from '#lockstep/runtime/engine.js';
import { Metrics } from '#lockstep/runtime/metrics.js';
import { MicroBatchRunner } from '#lockstep/runtime/micro-batch.js';
import { compiledOf } from '#lockstep/runtime/worker.js';
import {
  bytesOf,
  readSafetensorsHeader,
  type Tensor,
  writeSafetensors,
} from '#lockstep/tensors/safetensors.js';
import { type Tensor as PlainTensor, type Weights as PlainWeights, zeros } from './plain.js';

/** Datasets made of arrays, and engines over them, for the tests of the arithmetic. */

export const models = ['perceptron', 'lenet5', 'improved'] as const;
export type ModelName = (typeof models)[number];

/** The repository's root, from `dist/test`. */
export const root = new URL('../../../', import.meta.url).pathname;
const shared = join(root, '../shared/fixtures');
/** Path of PyTorch's numbers for a model itself, which lie outside of the repository and may not be there. */
export const fixturePath = (model: ModelName): string => join(shared, `${model}.safetensors`);

/** Path of PyTorch's numbers; the programs in `test/references` wrote them. */
export const referencePath = (name: string, ending = 'safetensors'): string =>
  join(root, `test/references/${name}.${ending}`);

/** The shipped config of a model for 50 classes, with changes, `key.path=value`. */
export const modelConfig = (model: ModelName, ...changes: string[]): ResolvedConfig =>
  withClasses(completeConfig(loadConfig(join(root, `configs/${model}.json`), changes)), 50);

/** A config of these layers, with changes, `key.path=value`. Batches are taken in the samples' order. */
export const layersConfig = (layers: readonly object[], ...changes: string[]): ResolvedConfig =>
  resolveConfig(
    parseConfig(
      {
        name: 'test',
        data: { dir: 'unused', features: { type: 'pixels', width: 4, height: 4 } },
        model: { layers },
        loss: { type: 'crossEntropy' },
        optimizer: { type: 'sgd', learningRate: 0.1 },
        training: { batchSize: 8, epochs: 1, sampler: 'sequential' },
      },
      'the config of a test',
      changes,
    ),
  );

/** Normal values of deviation 0.7 from a seed. */
export const noise = (seed: number, length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => normalQuantile(uniform(hash(seed, i))) * 0.7);

/** Samples of noise, `[samples, size]`, labels in turn. */
export const noiseSamples = (seed: number, samples: number, size: number, classes: number): Samples => ({
  values: noise(seed, samples * size),
  labels: Int32Array.from({ length: samples }, (_, i) => hash(seed, i, 1) % classes),
});

/** Sample `index` of `values` for the plain layers. */
export function plainSample(values: ArrayLike<number>, index: number, shape: readonly number[]): PlainTensor {
  const x = zeros(shape);
  for (let i = 0; i < x.data.length; i++) x.data[i] = values[index * x.data.length + i]!;
  return x;
}

/** Layers with a weight, and most with a bias. */
const plainTypes = new Set<string>(['conv2d', 'dense', 'groupNorm', 'layerNorm', 'prelu']);

/** The weights of the plain layers, a wired layer each: from the values of each of the network's parameters, in order. */
export function plainWeights(
  layers: readonly ResolvedLayer[],
  network: Network,
  parameters: readonly ArrayLike<number>[],
): (PlainWeights | undefined)[] {
  const tensors = network.parameters.map(({ shape }, i) => plainSample(parameters[i]!, 0, shape));
  return wireLayers(layers).map(({ config: layer }) => {
    if (!plainTypes.has(layer.type)) return undefined;
    const hasBias = 'bias' in layer ? layer.bias : layer.type !== 'prelu';
    const [weight, own] = tensors.splice(0, hasBias ? 2 : 1) as [PlainTensor, PlainTensor?];
    const bias = own ?? zeros([weight.shape[0]!]);
    return { weight, bias, weightGradient: zeros(weight.shape), biasGradient: zeros(bias.shape), hasBias };
  });
}

export interface Samples {
  /** `[samples, ...shape]` */
  readonly values: Float32Array | Uint8Array;
  readonly labels: Int32Array;
}

/** Runs `body` with a packed dataset of these samples: the same ones in every split. */
export async function withDataset(
  { values, labels }: Samples,
  shape: readonly number[],
  classes: number,
  body: (dataset: PackedDataset) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-engine-'));
  try {
    const path = join(folder, 'dataset.safetensors');
    const bytes = values instanceof Uint8Array;
    const tensors = new Map<string, Tensor>([
      ['samples', { dtype: bytes ? 'U8' : 'F32', shape: [labels.length, ...shape], data: values }],
      ['labels', { dtype: 'I32', shape: [labels.length], data: labels }],
      [
        'checksums',
        { dtype: 'U32', shape: [labels.length], data: checksumsOf(bytesOf(values), labels.length) },
      ],
    ]);
    writeSafetensors(path, tensors);
    const header = readSafetensorsHeader(path);
    const split = {
      samples: labels.length,
      samplesOffset: header.tensors.get('samples')!.begin,
      labelsOffset: header.tensors.get('labels')!.begin,
      checksumsOffset: header.tensors.get('checksums')!.begin,
    };
    await body({
      path,
      key: 'test',
      classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
      sampleType: bytes ? 'uint8' : 'float32',
      sampleShape: shape,
      normalization: bytes
        ? { mean: shape.map(() => 0.5), deviation: shape.map(() => 0.25) }
        : { mean: [], deviation: [] },
      splits: Object.fromEntries(splitNames.map((name) => [name, split])) as Record<SplitName, typeof split>,
      skipped: [],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs `body` with an engine, and ends its threads. */
export async function withEngine(
  config: ResolvedConfig,
  dataset: PackedDataset,
  threads: number,
  body: (engine: Engine) => Promise<void>,
): Promise<void> {
  const engine = new NodeEngine(config, dataset, { threads });
  try {
    await body(engine);
  } finally {
    await engine.close();
  }
}

export interface MicroBatchResults {
  /** `[samples][classes]` */
  readonly logits: Float32Array;
  /** Sum over the samples, nats. */
  readonly loss: number;
  readonly top1: number;
  /** Of each parameter, summed over the samples. */
  readonly gradients: readonly Float32Array[];
}

/**
 * Forward and backward of `samples` by a training worker's own code, one micro-batch after the other on this thread; of a network of one stage.
 * @param shape of a sample, float32
 * @param parameters values of each parameter, in the network's order
 */
export function runMicroBatches(
  config: ResolvedConfig,
  shape: readonly number[],
  { values, labels }: Samples,
  parameters: readonly Float32Array[],
): MicroBatchResults {
  const network = buildNetwork(config.model.layers, shape);
  const { classes } = network;
  const samples = labels.length;
  const split = { samples, samplesOffset: 0, labelsOffset: 0, checksumsOffset: 0 };
  const format = {
    sampleType: 'float32',
    sampleShape: shape,
    normalization: { mean: [], deviation: [] },
  } as const;
  const plan = planMemory(
    network,
    { ...format, splits: { train: split, validation: split, test: split } },
    { ...config, training: { ...config.training, batchSize: lanes } },
    1,
    sharedMemoryLimit(2 ** 32, 1, 2 ** 32),
  );
  const memory = createSharedMemory(plan.bytes);
  const kernels = instantiateKernels(compileKernels().kernels, memory);
  new Float32Array(memory.buffer, plan.splits.train.samples).set(values);
  new Int32Array(memory.buffer, plan.splits.train.labels).set(labels);
  writeTables(memory.buffer, network, plan);
  network.parameters.forEach((p, i) => {
    new Float32Array(memory.buffer, plan.parameters + p.offset * 4).set(parameters[i]!);
  });
  const metrics = new Metrics(memory.buffer, plan);
  const compiled = compiledOf(network, kernels);
  const runner = new MicroBatchRunner({ plan, format, config, memory }, 0, compiled, metrics);
  runner.beginPhase({
    training: true,
    split: 'train',
    epoch: 1,
    samples,
    batchSize: lanes,
    firstStep: 0,
    endStep: 1,
    itemMicroBatches: 1,
    sampler: 'sequential',
    rateReduction: 1,
    verify: false,
  });
  runner.prepare(samples, true);
  const logits = new Float32Array(samples * classes);
  const groups = logitsOf(runner, memory.buffer, classes);
  const buffer = plan.itemSums[0]!;
  let loss = 0;
  let top1 = 0;
  for (let first = 0; first < samples; first += lanes) {
    const count = Math.min(lanes, samples - first);
    runner.run(0, first, count, 0, buffer, first === 0 ? 0 : 1);
    loss += metrics.outcomes[0]!;
    top1 += metrics.outcomes[2]!;
    for (let lane = 0; lane < count; lane++) {
      for (let c = 0; c < classes; c++) logits[(first + lane) * classes + c] = groups[c * lanes + lane]!;
    }
  }
  const gradients = network.parameters.map(
    (p) => new Float32Array(memory.buffer, buffer + p.offset * 4, p.size),
  );
  return { logits, loss, top1, gradients };
}

/** A runner's logits in lane groups, `[classes][8]`, as its last loss saw them: the backward pass may take their place. */
export function logitsOf(runner: MicroBatchRunner, buffer: SharedArrayBuffer, classes: number): Float32Array {
  const logits = new Float32Array(classes * lanes);
  const loss = runner.loss.bind(runner);
  runner.loss = (bound, samples, microBatch) => {
    logits.set(new Float32Array(buffer, bound.placement.outputs.at(-1)!, classes * lanes));
    loss(bound, samples, microBatch);
  };
  return logits;
}

/** ‖a − b‖ / ‖b‖ */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    norm += b[i]! ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / norm);
}
