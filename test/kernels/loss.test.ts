import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { instantiateKernels, lanes } from '#lockstep/kernels/kernels.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import { readSafetensors } from '#lockstep/tensors/safetensors.js';
import {
  layersConfig,
  noiseSamples,
  relativeError,
  root,
  withDataset,
  withEngine,
} from '../support/engine-helpers.js';

/** The loss with class weights, label smoothing and mixed labels. */
const loss = suite('the loss');

loss('agrees with PyTorch: weights, smoothing, mixed labels', () => {
  const { tensors, metadata } = readSafetensors(join(root, 'test/references/loss.safetensors'));
  const values = (name: string) => tensors.get(name)!.data as Float32Array;
  const [samples, classes] = tensors.get('logits')!.shape as [number, number];
  const at = { logits: 1024, targets: 4096, weights: 5120, dz: 8192, losses: 16384, classesBefore: 16448 };
  const memory = createSharedMemory(65536);
  const kernels = instantiateKernels(compileKernels().kernels, memory);
  const floats = new Float32Array(memory.buffer);
  const ints = new Int32Array(memory.buffer);
  floats.set(values('weights'), at.weights / 4);
  const losses: number[] = [];
  const gradient = new Float32Array(samples * classes);
  for (let first = 0; first < samples; first += lanes) {
    for (let lane = 0; lane < lanes; lane++) {
      ints[at.targets / 4 + lane] = values('labels')[first + lane]!;
      ints[at.targets / 4 + lanes + lane] = values('partners')[first + lane]!;
      floats[at.targets / 4 + 2 * lanes + lane] = values('shares')[first + lane]!;
      for (let c = 0; c < classes; c++)
        floats[at.logits / 4 + c * lanes + lane] = values('logits')[(first + lane) * classes + c]!;
    }
    const smoothing = Number(metadata['smoothing']);
    kernels.crossEntropy(
      at.logits,
      at.targets,
      at.weights,
      smoothing,
      lanes,
      classes,
      at.dz,
      at.losses,
      at.classesBefore,
    );
    losses.push(...floats.slice(at.losses / 4, at.losses / 4 + lanes));
    for (let lane = 0; lane < lanes; lane++) {
      for (let c = 0; c < classes; c++)
        gradient[(first + lane) * classes + c] = floats[at.dz / 4 + c * lanes + lane]!;
    }
  }
  assert.ok(
    relativeError(losses, values('losses')) < 1e-6,
    `losses are off by ${relativeError(losses, values('losses'))}`,
  );
  assert.ok(relativeError(gradient, values('gradient')) < 1e-6, 'gradients');
});

const layers = [{ type: 'dense', outFeatures: 5 }];
const data = noiseSamples(3, 21, 6, 5);

/** Gradient and loss of a linear classifier over all samples, in double precision: weights[c], smoothing. */
function plain(weight: Float32Array, bias: Float32Array, weights: readonly number[], smoothing: number) {
  const gradient = new Float64Array(30);
  let total = 0;
  let sum = 0;
  for (const [i, label] of data.labels.entries()) {
    const x = Array.from(data.values.subarray(6 * i, 6 * i + 6));
    const z = Array.from(bias, (b, c) => x.reduce((s, v, k) => s + v * weight[6 * c + k]!, b));
    const norm = z.reduce((s, v) => s + Math.exp(v), 0);
    const target = z.map((_, c) => weights[c]! * (smoothing / 5 + (c === label ? 1 - smoothing : 0)));
    const mass = target.reduce((a, b) => a + b);
    total += weights[label]!;
    z.forEach((v, c) => {
      sum -= target[c]! * (v - Math.log(norm));
      const dz = (mass * Math.exp(v)) / norm - target[c]!;
      x.forEach((value, k) => {
        gradient[6 * c + k]! += dz * value;
      });
    });
  }
  return { gradient, loss: sum, weight: total };
}

for (const [name, setting, smoothing] of [
  ['given weights', '[1,0.5,2,0,3]', 0],
  ['weights from the counts', 'balanced', 0.2],
  ['smoothing alone', 'none', 0.1],
] as const) {
  loss(`a mean divides by the sum of the weights (${name})`, () =>
    withDataset(data, [6], 5, (dataset) => {
      const changes = [`loss.classWeights=${setting}`, `loss.labelSmoothing=${smoothing}`];
      const config = layersConfig(layers, 'training.batchSize=21', ...changes);
      return withEngine(config, dataset, 2, async (engine) => {
        const [weight, bias] = engine.network.parameters.map((p) => engine.tensors.weight(p).slice());
        const counts = Array.from({ length: 5 }, (_, c) => data.labels.filter((label) => label === c).length);
        const weights =
          setting === 'none'
            ? [1, 1, 1, 1, 1]
            : setting === 'balanced'
              ? counts.map((count) => 21 / (5 * count))
              : (JSON.parse(setting) as number[]);
        const expected = plain(weight!, bias!, weights, smoothing);
        const { totals } = await engine.train(1);
        assert.ok(Math.abs(totals.loss / expected.loss - 1) < 1e-5, 'the loss');
        assert.ok(Math.abs(totals.weight / expected.weight - 1) < 1e-6, 'the weight');
        const moved = engine.tensors.weight(engine.network.parameters[0]!);
        const wanted = Array.from(weight!, (w, i) => w - (0.1 * expected.gradient[i]!) / expected.weight);
        assert.ok(relativeError(moved, wanted) < 1e-6, `off by ${relativeError(moved, wanted)}`);
        // An evaluation counts each sample once, against its own label.
        const once = plain(moved, engine.tensors.weight(engine.network.parameters[1]!), [1, 1, 1, 1, 1], 0);
        const evaluated = (await engine.evaluate('test')).totals;
        assert.ok(Math.abs(evaluated.loss / once.loss - 1) < 1e-5, 'the evaluation');
        assert.is(evaluated.weight, 21);
      });
    }),
  );
}

loss.run();
