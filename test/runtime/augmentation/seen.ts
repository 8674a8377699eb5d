import { sharedMemoryLimit } from '#lockstep/compile/memory-limit.js';
import { planMemory } from '#lockstep/compile/memory-plan.js';
import { layOut } from '#lockstep/compile/placement.js';
import { compileProgram } from '#lockstep/compile/program.js';
import { buildNetwork } from '#lockstep/graph/network.js';
import { instantiateKernels, lanes } from '#lockstep/kernels/kernels.js';
import { hash } from '#lockstep/numerics/random.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import { classIndex, fillClassIndex } from '#lockstep/runtime/class-index.js';
import { Input } from '#lockstep/runtime/input.js';
import type { Phase } from '#lockstep/runtime/phase.js';
import { layersConfig } from '../../support/engine-helpers.js';

/** 24 random images of 6 x 10 pixels, and what a training sees of them. */

const { kernels: compiled } = compileKernels();

export const shape = [3, 6, 10];
export const size = 180;
export const samples = 24;
export const classes = 5;
export const pixels = Uint8Array.from({ length: samples * size }, (_, i) => hash(11, i));
export const labels = Int32Array.from({ length: samples }, (_, i) => i % classes);
const normalization = { mean: [0.4, 0.5, 0.6], deviation: [0.25, 0.5, 0.2] };

/** What the network would see of each place of an epoch: values in bytes again, label, partner's label, share. */
export function seen(augmentation: object, phase: Partial<Phase> = {}, ofClasses = labels) {
  const config = layersConfig(
    [{ type: 'flatten' }, { type: 'dense', outFeatures: classes }],
    `training.augmentation=${JSON.stringify(augmentation)}`,
    `training.sampler="${phase.sampler ?? 'sequential'}"`,
  );
  const network = buildNetwork(config.model.layers, shape);
  const format = { sampleType: 'uint8', sampleShape: shape, normalization } as const;
  const splits = { train: { samples }, validation: { samples }, test: { samples } };
  const plan = planMemory(network, { ...format, splits }, config, 1, sharedMemoryLimit(2 ** 32, 1, 2 ** 32));
  const memory = createSharedMemory(plan.bytes);
  for (const { samples: at, labels: labelsAt } of Object.values(plan.splits)) {
    new Uint8Array(memory.buffer).set(pixels, at);
    new Int32Array(memory.buffer).set(ofClasses, labelsAt / 4);
  }
  const byClass = classIndex(memory.buffer, plan);
  if (byClass !== undefined) fillClassIndex(byClass, ofClasses);
  const context = {
    training: true,
    seed: 1,
    epoch: 1,
    samples: new Int32Array(lanes),
    count: lanes,
    batchSamples: samples,
  };
  const input = new Input({ plan, format, config, memory }, 0, instantiateKernels(compiled, memory), context);
  const batchSize = 12;
  input.beginPhase({
    training: true,
    split: 'train',
    epoch: 1,
    samples,
    batchSize,
    firstStep: 0,
    endStep: 1,
    itemMicroBatches: 1,
    sampler: 'sequential',
    rateReduction: 1,
    verify: false,
    ...phase,
  });
  const { memory: own } = plan.workers[0]!;
  const placement = layOut(network, compileProgram(network).training).at(own, 0);
  const bound = input.bind(placement);
  const floats = new Float32Array(memory.buffer);
  const ints = new Int32Array(memory.buffer);
  const results: { sample: number; values: number[]; label: number; partner: number; share: number }[] = [];
  for (let batch = 0; batch < samples; batch += batchSize) {
    for (let first = 0; first < batchSize; first += lanes) {
      const count = Math.min(lanes, batchSize - first);
      input.run(bound, batch + first, count, batch);
      for (let lane = 0; lane < count; lane++) {
        results.push({
          sample: context.samples[lane]!,
          values: Array.from({ length: size }, (_, i) => {
            const c = Math.floor(i / 60);
            const value = floats[placement.input / 4 + i * lanes + lane]!;
            return (value * normalization.deviation[c]! + normalization.mean[c]!) * 255;
          }),
          label: ints[placement.targets.labels / 4 + lane]!,
          partner: ints[placement.targets.partners / 4 + lane]!,
          share: floats[placement.targets.shares / 4 + lane]!,
        });
      }
    }
  }
  return results;
}

export const original = (sample: number) => [...pixels.subarray(sample * size, sample * size + size)];
export const near = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) < 1e-3;
export const at = (values: readonly number[], c: number, r: number, x: number) =>
  values[(c * 6 + r) * 10 + x];
export const map = (values: readonly number[], pick: (c: number, r: number, x: number) => number) =>
  values.map((_, i) => pick(Math.floor(i / 60), Math.floor(i / 10) % 6, i % 10));
