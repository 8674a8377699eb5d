import { initialize } from '../../compile/initialize.js';
import { sharedMemoryLimit } from '../../compile/memory-limit.js';
import { planMemory, writeTables } from '../../compile/memory-plan.js';
import { aConfig, completeModel } from '../../config/complete-model.js';
import { parseConfig } from '../../config/load.js';
import { resolveConfig } from '../../config/resolve.js';
import type { ResolvedConfig, ResolvedCustom, ResolvedLayer } from '../../config/resolved.js';
import { keyOf } from '../../graph/custom-code.js';
import { loadCode } from '../../graph/custom-loading.js';
import type { CustomLossFactory, CustomOperatorFactory } from '../../graph/custom-types.js';
import { buildNetwork, configLayers, type Network } from '../../graph/network.js';
import { sizeOf } from '../../graph/shape.js';
import { instantiateKernels, lanes } from '../../kernels/kernels.js';
import { hash } from '../../numerics/random.js';
import { compileKernels } from '../../platform/kernels.js';
import { createSharedMemory } from '../../platform/memory.js';
import { importModule } from '../../platform/node-modules.js';
import { Metrics } from '../../runtime/metrics.js';
import { MicroBatchRunner } from '../../runtime/micro-batch.js';
import { compiledOf } from '../../runtime/worker.js';
import type { LayersCheck } from './check.js';
import { compare, fillNormal, type Objective, precisions } from './compare.js';
import type { Found } from './report.js';

/**
 * The gradients of a network's layers as a training computes them, kernels and all, of one micro-batch: with respect to each parameter, and to
 * the samples. What is differentiated is a random sum of the logits.
 */
export async function checkLayers(check: LayersCheck): Promise<Found> {
  const { seed = 1, most = 200 } = check;
  const samples = Math.min(lanes, check.samples ?? 3);
  const { config, network, code } = await networkOf(check);
  const objective = { value: 0, size: 0 };
  code.set(keyOf(shiftCode), shift);
  code.set(keyOf(projectionCode), projection(objective, seed));
  const { run, valuesOf, gradientOf } = runnerOf(config, network, code, samples, seed);
  run();
  const tensors = network.parameters.map((p) => ({
    name: p.name === `${shiftName}.value` ? 'input' : p.name,
    values: valuesOf(p),
    gradient: gradientOf(p).slice(),
  }));
  const measure = (): Objective => {
    [objective.value, objective.size] = [0, 0];
    run();
    return { ...objective };
  };
  const compared = tensors.flatMap((tensor) => compare(tensor, measure, precisions.float32, most));
  return { what: 'the layers', precision: 'float32', compared, faults: [] };
}

/** A layer in front that adds a parameter to the samples: its gradient is theirs. */
const shiftCode = { module: 'lockstep:shift', export: 'default' };
const shiftName = 'lockstepShift';
const shift: CustomOperatorFactory<unknown, 'value'> = () => ({
  forward({ input, output, parameters: { value } }) {
    for (let i = 0; i < input.length; i++) output[i] = input[i]! + value[i]!;
  },
  backward({ outputGradient, inputGradient, parameterGradients }) {
    inputGradient.set(outputGradient);
    parameterGradients.value.set(outputGradient);
  },
});

/** A loss that is a random sum of the logits, other for each label, and adds up what it gives. */
const projectionCode = { module: 'lockstep:projection', export: 'default' };
const projection =
  (objective: { value: number; size: number }, seed: number): CustomLossFactory<unknown> =>
  () =>
  ({ logits, label, gradient }) => {
    fillNormal(gradient, hash(seed, label, 5));
    for (let k = 0; k < logits.length; k++) {
      const term = gradient[k]! * logits[k]!;
      objective.value += term;
      objective.size += Math.abs(term);
    }
    return 0;
  };

async function networkOf({ layers, input, classes = 5 }: LayersCheck) {
  const model = Array.isArray(layers) ? { layers } : 'toJSON' in layers ? layers.toJSON() : layers;
  const own = completeModel(model as Parameters<typeof completeModel>[0], classes, 'the layers');
  const shifted: ResolvedCustom = {
    type: 'custom',
    name: shiftName,
    ...shiftCode,
    options: {},
    outShape: 'same',
    parameters: { value: { shape: [...input], init: { type: 'zeros' } } },
  };
  const all: ResolvedLayer[] = [shifted, ...own.map(behindShift)];
  const { output } = configLayers(all, input).at(-1)!.operator;
  if (output.length > 1) all.push({ type: 'flatten' });
  const network = buildNetwork(all, input);
  const base = resolveConfig(
    parseConfig({ ...aConfig, model: { layers: [{ type: 'dense', outFeatures: 2 }] } }),
  );
  const code = new Map(await loadCode({ model: { layers: own }, loss: base.loss }, importModule));
  const config: ResolvedConfig = {
    ...base,
    model: { ...base.model, layers: all },
    loss: { type: 'custom', ...projectionCode, options: {}, reduction: 'sum', classWeights: 'none' },
    training: { ...base.training, batchSize: lanes },
  };
  return { config, network, code };
}

/** A layer that reads the samples reads them shifted; filters that are made of images are drawn. */
function behindShift(layer: ResolvedLayer): ResolvedLayer {
  const inputs = layer.inputs?.map((name) => (name === 'input' ? shiftName : name));
  const placed = { ...layer, ...(inputs && { inputs }) } as ResolvedLayer;
  if (placed.type === 'residual')
    return {
      ...placed,
      body: placed.body.map(behindShift),
      ...(placed.shortcut && { shortcut: placed.shortcut.map(behindShift) }),
    };
  if (placed.type === 'conv2d' && placed.weightInit.type === 'whitening')
    return { ...placed, weightInit: { type: 'heNormal', gain: 1 } };
  return placed;
}

/** A worker of one micro-batch, on this thread. */
function runnerOf(
  config: ResolvedConfig,
  network: Network,
  code: ReadonlyMap<string, unknown>,
  samples: number,
  seed: number,
) {
  const split = { samples, samplesOffset: 0, labelsOffset: 0, checksumsOffset: 0 };
  const format = {
    sampleType: 'float32',
    sampleShape: network.input,
    normalization: { mean: [], deviation: [] },
  } as const;
  const stored = { ...format, splits: { train: split, validation: split, test: split } };
  const plan = planMemory(network, stored, config, 1, sharedMemoryLimit(2 ** 32, 1, 2 ** 32));
  const memory = createSharedMemory(plan.bytes);
  const floats = (address: number, length: number) => new Float32Array(memory.buffer, address, length);
  fillNormal(floats(plan.splits.train.samples, samples * sizeOf(network.input)), hash(seed, 2));
  const labels = new Int32Array(memory.buffer, plan.splits.train.labels, samples);
  for (let i = 0; i < samples; i++) labels[i] = i % network.classes;
  writeTables(memory.buffer, network, plan);
  const valuesOf = ({ offset, size }: { offset: number; size: number }) =>
    floats(plan.parameters + offset * 4, size);
  for (const [index, p] of network.parameters.entries()) {
    const values = valuesOf(p);
    initialize(values, p, index, seed, network.input);
    const noise = new Float32Array(p.size);
    fillNormal(noise, hash(seed, index, 3), 0.1);
    for (let i = 0; i < p.size; i++) values[i]! += noise[i]!;
  }
  for (const { offset, size, initial } of network.state) floats(plan.state + offset * 4, size).fill(initial);
  const compiled = compiledOf(network, instantiateKernels(compileKernels().kernels, memory));
  const metrics = new Metrics(memory.buffer, plan);
  const runner = new MicroBatchRunner({ plan, format, config, memory, code }, 0, compiled, metrics);
  runner.beginPhase({
    training: true,
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
  });
  return {
    valuesOf,
    gradientOf: ({ offset, size }: { offset: number; size: number }) => floats(plan.root + offset * 4, size),
    run() {
      runner.prepare(samples, true);
      for (const stage of compiled.program.training.keys()) {
        if (stage > 0) runner.enter(stage);
        runner.run(stage, 0, samples, 0, plan.root, 0);
      }
    },
  };
}
