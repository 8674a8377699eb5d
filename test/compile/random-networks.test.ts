import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sharedMemoryLimit } from '#lockstep/compile/memory-limit.js';
import { clearWorkers, type MemoryPlan, planMemory, writeTables } from '#lockstep/compile/memory-plan.js';
import type { Layout, Placement } from '#lockstep/compile/placement.js';
import { trainedNodes } from '#lockstep/compile/program.js';
import { foldNorms } from '#lockstep/graph/fold.js';
import { buildNetwork, type Network } from '#lockstep/graph/network.js';
import { type Shape, sizeOf } from '#lockstep/graph/shape.js';
import { sampleNode } from '#lockstep/graph/wiring.js';
import { groupBytes, instantiateKernels, lanes } from '#lockstep/kernels/kernels.js';
import { hash } from '#lockstep/numerics/random.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import { addSums } from '#lockstep/runtime/allreduce.js';
import { Metrics } from '#lockstep/runtime/metrics.js';
import { type CompiledNetwork, MicroBatchRunner } from '#lockstep/runtime/micro-batch.js';
import { compiledOf } from '#lockstep/runtime/worker.js';
import { layersConfig, noise, noiseSamples } from '../support/engine-helpers.js';

/**
 * Networks drawn at random, with branches, batch norms, views and operators in place: a step gives the same bits where tensors share
 * memory as where each has its own, whichever worker runs which micro-batch at which stage, and whatever lay there before.
 */

const networks = 40;
const workers = 3;
/** Three micro-batches, the last with five samples. */
const samples = 21;
const classes = 4;

class Dice {
  readonly #seed: number;
  #rolls = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  below(n: number): number {
    return hash(this.#seed, this.#rolls++) % n;
  }
  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!;
  }
}

interface Drawn {
  readonly shape: Shape;
  readonly layers: readonly object[];
}

function draw(seed: number): Drawn {
  const dice = new Dice(seed);
  const shape = dice.pick<Shape>([[3, 6, 6], [1, 8, 7], [4, 5, 9], [12]]);
  interface Read {
    readonly name: string;
    readonly shape: Shape;
    reads: number;
  }
  const layers: object[] = [];
  const tensors: Read[] = [{ name: 'input', shape, reads: 0 }];
  const put = (layer: object, inputs: readonly Read[], shape: Shape): Read => {
    const name = `layer${layers.length}`;
    for (const input of inputs) input.reads++;
    layers.push({ ...layer, name, inputs: inputs.map((input) => input.name) });
    tensors.push({ name, shape, reads: 0 });
    return tensors.at(-1)!;
  };
  const activation = () => ({ type: dice.pick(['relu', 'tanh', 'silu', 'sigmoid']) });
  const norm = () =>
    dice.pick([
      { type: 'batchNorm' },
      { type: 'batchNorm' },
      { type: 'groupNorm', groups: 1 },
      { type: 'layerNorm' },
    ]);
  const concat = (from: Read) => {
    const [channels, ...picture] = from.shape as [number, ...number[]];
    const alike = tensors.filter(({ shape: [, ...rest] }) => rest.join() === picture.join());
    const other = dice.pick(alike);
    return put({ type: 'concat' }, [from, other], [channels + other.shape[0]!, ...picture]);
  };
  const add = (from: Read) => {
    const alike = tensors.filter((tensor) => tensor.shape.join() === from.shape.join());
    return put({ type: 'add' }, [from, dice.pick(alike), dice.pick(alike)], from.shape);
  };
  for (let left = 3 + dice.below(9); left > 0; left--) {
    const from = dice.below(10) < 7 ? tensors.at(-1)! : dice.pick(tensors);
    const [channels, height, width] = from.shape as [number, number, number];
    const isFlat = from.shape.length === 1;
    const kind = dice.below(14);
    if (kind < 3) put(activation(), [from], from.shape);
    else if (kind < 5) put(norm(), [from], from.shape);
    else if (kind < 7) put({ type: 'dropout', rate: 0.4 }, [from], from.shape);
    else if (kind < 9) dice.below(3) === 0 ? concat(from) : add(from);
    else if (isFlat) put({ type: 'dense', outFeatures: 12 }, [from], [12]);
    else if (kind < 10) put({ type: 'flatten' }, [from], [sizeOf(from.shape)]);
    else if (kind < 11) put({ type: 'zeroPad', top: 1, left: 2 }, [from], [channels, height + 1, width + 2]);
    else {
      const outChannels = dice.pick([channels, 3]);
      // As large as the input: whole, of dilated kernels, depthwise with an output a channel or two, or in two groups.
      const conv = dice.pick([
        { outChannels, kernelSize: 3, padding: 1 },
        { outChannels, kernelSize: [2, 3], padding: 'same', dilation: [1, 2], bias: false },
        { outChannels: channels, kernelSize: 3, padding: 'same', groups: channels },
        { outChannels: 2 * channels, kernelSize: [3, 1], padding: [1, 0], groups: channels, bias: false },
        { outChannels: 4, kernelSize: 3, padding: 1, groups: channels % 2 === 0 ? 2 : 1 },
      ]);
      const y = put({ type: 'conv2d', ...conv }, [from], [conv.outChannels, height, width]);
      if (kind < 12 || Math.min(height, width) < 2) continue;
      const activated = put(activation(), [y], y.shape);
      const pool = dice.pick(['maxPool', 'averagePool', 'globalAveragePool']);
      if (pool === 'globalAveragePool') put({ type: pool }, [activated], [conv.outChannels]);
      else {
        const padding = dice.below(2);
        const pooled = [height, width].map((side) => Math.floor(side / 2 + padding));
        put({ type: pool, window: 2, padding }, [activated], [conv.outChannels, ...pooled]);
      }
    }
  }
  const ends = tensors
    .filter(({ reads }, i) => reads === 0 && (i > 0 || tensors.length === 1))
    .map((end) => put({ type: 'flatten' }, [end], [sizeOf(end.shape)]))
    .map((flat) => put({ type: 'dense', outFeatures: classes }, [flat], [classes]));
  const last = ends.length > 1 ? put({ type: 'add' }, ends, [classes]) : ends[0]!;
  const ending = dice.below(4);
  if (ending === 1) put({ type: 'batchNorm' }, [last], [classes]);
  else if (ending === 2) add(last);
  else if (ending === 3) put(activation(), [last], [classes]);
  return { shape, layers };
}

/** A place of its own for each tensor, but for views. */
function apart(network: Network): Layout {
  const { nodes } = network;
  const trained = trainedNodes(network);
  const sizes = { worker: 0, microBatch: 0 };
  const take = (of: keyof typeof sizes, bytes: number) => {
    const offset = sizes[of];
    sizes[of] += Math.ceil(bytes / 64) * 64 + 64;
    return offset;
  };
  const tensor = (shape: Shape) => take('microBatch', (sizeOf(shape) + 4) * groupBytes);
  const input = tensor(network.input);
  const outputs: number[] = [];
  for (const { isView, inputs, output } of nodes) {
    const [from] = inputs as [number];
    outputs.push(!isView ? tensor(output) : from === sampleNode ? input : outputs[from]!);
  }
  const gradients: (number | undefined)[] = nodes.map(() => undefined);
  gradients[nodes.length - 1] = tensor(nodes.at(-1)!.output);
  const inputGradients = nodes.map(({ inputs }) => inputs.map((): number | undefined => undefined));
  for (const [i, { isView, inputs }] of [...nodes.entries()].reverse()) {
    if (!trained[i]) continue;
    for (const [j, from] of inputs.entries()) {
      if (from === sampleNode || !trained[from]) continue;
      inputGradients[i]![j] = isView ? gradients[i]! : tensor(nodes[from]!.output);
      gradients[from] ??= inputGradients[i]![j]!;
    }
  }
  const scratch = nodes.map((node) =>
    node.scratch.map(({ bytes, isSaved }) => {
      const of = isSaved ? 'microBatch' : 'worker';
      return bytes === 0 ? undefined : ([of, take(of, bytes)] as const);
    }),
  );
  const labels = take('microBatch', 3 * groupBytes);
  const keys = take('microBatch', lanes * 4);
  return {
    workerBytes: sizes.worker,
    microBatchBytes: sizes.microBatch,
    at(worker, microBatch) {
      const of = (offset: number | undefined) => (offset === undefined ? 0 : microBatch + offset);
      return {
        input: of(input),
        outputs: outputs.map(of),
        outputGradients: gradients.map(of),
        inputGradients: inputGradients.map((each) => each.map(of)),
        scratch: scratch.map((each) =>
          each.map((place) => (place ? (place[0] === 'worker' ? worker : microBatch) + place[1] : 0)),
        ),
        targets: {
          labels: of(labels),
          partners: of(labels + groupBytes),
          shares: of(labels + 2 * groupBytes),
        },
        keys: of(keys),
      };
    },
  };
}

function layoutsApart(network: Network) {
  const folded = foldNorms(network);
  const { at, workerBytes, microBatchBytes } = apart(folded);
  const layout: Layout = {
    workerBytes: workerBytes + microBatchBytes,
    microBatchBytes: 0,
    at: (worker) => at(worker, worker + workerBytes),
  };
  return { layout: apart(network), evaluation: { network: folded, layout } };
}

/** The plan with room for other layouts behind it. */
function planApart(
  plan: MemoryPlan,
  { layout, evaluation }: Pick<CompiledNetwork, 'layout' | 'evaluation'>,
  microBatches: number,
): MemoryPlan {
  const memoryBytes = Math.max(layout.workerBytes, evaluation.layout.workerBytes);
  let { bytes } = plan;
  const take = (more: number) => {
    const address = Math.ceil(bytes / 64) * 64;
    bytes = address + more;
    return address;
  };
  const ofWorkers = plan.workers.map((worker) => ({
    ...worker,
    memory: take(memoryBytes),
    memoryBytes,
  }));
  const microBatchMemory = Array.from({ length: microBatches }, () => take(layout.microBatchBytes));
  return { ...plan, workers: ofWorkers, microBatchMemory, bytes };
}

/** Logits' losses, gradients and state of a training step, and the loss of an evaluation after it. */
function run({ shape, layers }: Drawn, shares: boolean, dice: Dice): readonly Float32Array[] {
  const config = layersConfig(layers, `training.batchSize=${samples}`);
  const network = buildNetwork(config.model.layers, shape);
  const format = {
    sampleType: 'float32',
    sampleShape: shape,
    normalization: { mean: [], deviation: [] },
  } as const;
  const split = { samples };
  const dataset = { ...format, splits: { train: split, validation: split, test: split } };
  const shared = planMemory(network, dataset, config, workers, sharedMemoryLimit(2 ** 32, 1, 2 ** 32));
  const microBatches = Math.ceil(samples / lanes);
  const places = shares ? undefined : layoutsApart(network);
  const plan = places === undefined ? shared : planApart(shared, places, microBatches);
  const memory = createSharedMemory(plan.bytes);
  const { buffer } = memory;
  const kernels = instantiateKernels(compileKernels().kernels, memory);
  const compiled = { ...compiledOf(network, kernels), ...places };
  const { program, layout, evaluation } = compiled;
  const floats = (address: number, length: number) => new Float32Array(buffer, address, length);
  const data = noiseSamples(1, samples, sizeOf(shape), classes);
  floats(plan.splits.train.samples, data.values.length).set(data.values);
  new Int32Array(buffer, plan.splits.train.labels).set(data.labels);
  writeTables(buffer, network, plan);
  for (const [i, { offset, size, fanIn }] of network.parameters.entries()) {
    const values = noise(i, size).map((value) =>
      fanIn === 1 ? 1 + value / 4 : value / Math.sqrt(fanIn / 2),
    );
    floats(plan.parameters + offset * 4, size).set(values);
  }
  for (const { offset, size, initial } of network.state) floats(plan.state + offset * 4, size).fill(initial);

  // Nothing may depend on what lay in a tensor's place.
  const spoil = (place: Placement) => {
    const fill = (address: number, of: Shape) =>
      address && floats(address, sizeOf(of) * lanes).fill(Number.NaN);
    fill(place.input, shape);
    for (const [i, { output }] of network.nodes.entries()) {
      fill(place.outputs[i]!, output);
      fill(place.outputGradients[i]!, output);
    }
  };
  for (const { memory } of plan.workers)
    for (const at of plan.microBatchMemory.length > 0 ? plan.microBatchMemory : [0])
      spoil(layout.at(memory, at));

  const metrics = new Metrics(buffer, plan);
  const phase = {
    split: 'train',
    epoch: 1,
    samples,
    batchSize: samples,
    firstStep: 0,
    endStep: 1,
    itemMicroBatches: 1,
    sampler: 'sequential',
    rateReduction: 1,
    verify: false,
  } as const;
  const team = plan.workers.map((_, rank) => {
    const runner = new MicroBatchRunner({ plan, format, config, memory }, rank, compiled, metrics);
    runner.beginPhase({ ...phase, training: true });
    return { runner, isPrepared: false, stage: 0 };
  });
  const countOf = (microBatch: number) => Math.min(lanes, samples - microBatch * lanes);
  for (const [stage, { sums }] of program.training.entries()) {
    for (let left = Array.from({ length: microBatches }, (_, i) => i); left.length > 0; ) {
      const microBatch = dice.pick(left);
      left = left.filter((other) => other !== microBatch);
      const worker = dice.pick(team);
      if (!worker.isPrepared) worker.runner.prepare(samples, true);
      worker.isPrepared = true;
      while (worker.stage < stage) worker.runner.enter(++worker.stage);
      const to = plan.itemSums[microBatch]!;
      worker.runner.run(stage, microBatch * lanes, countOf(microBatch), microBatch, to, 0);
    }
    const [first, second, third] = plan.itemSums as [number, number, number];
    addSums(kernels, first, second, sums);
    addSums(kernels, first, third, sums);
  }
  /** The first of a micro-batch's four outcomes. */
  const lossesOf = ({ outcomes }: Metrics) =>
    Float32Array.from({ length: microBatches }, (_, microBatch) => outcomes[microBatch * 4]!);
  const losses = [lossesOf(metrics)];
  const { runner } = team[0]!;
  runner.updateState(samples);
  clearWorkers(buffer, network, plan, false);
  runner.beginPhase({ ...phase, epoch: 0, training: false });
  spoil(evaluation.layout.at(plan.workers[0]!.memory, 0));
  runner.prepare(samples, true);
  for (let microBatch = 0; microBatch < microBatches; microBatch++)
    runner.run(0, microBatch * lanes, countOf(microBatch), microBatch, 0, 0);
  losses.push(lossesOf(metrics));
  return [
    ...losses,
    ...network.parameters.map(({ offset, size }) => floats(plan.itemSums[0]! + offset * 4, size)),
    ...network.state.map(({ offset, size }) => floats(plan.state + offset * 4, size)),
  ];
}

test('a step gives the same bits where tensors share memory as where each has its own', () => {
  let severalStages = 0;
  for (let seed = 1; seed <= networks; seed++) {
    const drawn = draw(seed);
    const found = run(drawn, true, new Dice(seed));
    const expected = run(drawn, false, new Dice(-seed));
    const message = JSON.stringify(drawn);
    assert.ok(
      expected.every((values) => values.every(Number.isFinite)),
      message,
    );
    assert.equal(found, expected, message);
    if (drawn.layers.some((layer) => (layer as { type: string }).type === 'batchNorm')) severalStages++;
  }
  assert.ok(severalStages > networks / 3);
});

test.run();
