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
import { compileKernels } from '#lockstep/platform/kernels.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import { addSums } from '#lockstep/runtime/allreduce.js';
import { Metrics } from '#lockstep/runtime/metrics.js';
import { type CompiledNetwork, MicroBatchRunner } from '#lockstep/runtime/micro-batch.js';
import { compiledOf } from '#lockstep/runtime/worker.js';
import { layersConfig, noise, noiseSamples } from '../support/engine-helpers.js';
import { codeOf, own, ownSwish } from '../support/own-code-helpers.js';
import { drawnClasses as classes, Dice, type Drawn, draw } from '../support/random-networks.js';

/**
 * Networks drawn at random, with branches, batch norms, views and operators in place: a step gives the same bits where tensors share
 * memory as where each has its own, whichever worker runs which micro-batch at which stage, and whatever lay there before.
 */

const networks = 40;
const workers = 3;
/** Own operators among the activations: elementwise, of a parameter, and random. */
const activations = [
  { type: 'relu' },
  { type: 'silu' },
  own('relu'),
  ownSwish(),
  own('drop', { options: { rate: 0.4 } }),
];
const code = await codeOf(layersConfig([...activations, { type: 'dense', outFeatures: 1 }]));

/** Three micro-batches, the last with five samples. */
const samples = 21;

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
    const runner = new MicroBatchRunner({ plan, format, config, memory, code }, rank, compiled, metrics);
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
    const drawn = draw(seed, activations);
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
