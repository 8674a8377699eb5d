import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sharedMemoryLimit } from '#lockstep/compile/memory-limit.js';
import { planMemory, writeTables } from '#lockstep/compile/memory-plan.js';
import { buildNetwork } from '#lockstep/graph/network.js';
import { instantiateKernels, lanes } from '#lockstep/kernels/kernels.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import { setWeights } from '#lockstep/runs/weights.js';
import type { Engine } from '#lockstep/runtime/engine.js';
import { Metrics } from '#lockstep/runtime/metrics.js';
import { MicroBatchRunner } from '#lockstep/runtime/micro-batch.js';
import { compiledOf } from '#lockstep/runtime/worker.js';
import {
  layersConfig,
  logitsOf,
  noise,
  noiseSamples,
  withDataset,
  withEngine,
} from '../support/engine-helpers.js';

const shape = [20];
const classes = 4;
const samples = noiseSamples(5, 50, 20, classes);
const dense = (outFeatures: number) => ({ type: 'dense', outFeatures });
const dropout = { type: 'dropout', rate: 0.5 };
const without = [dense(16), { type: 'tanh' }, dense(classes)];
const withDropout = [dense(16), { type: 'tanh' }, dropout, dense(classes)];

const close = (a: number, b: number) => Math.abs(a / b - 1) < 1e-5;

/** Runs `body` with an engine and a way to train an epoch from its first weights: all samples are one batch. */
async function withNetwork(
  layers: readonly object[],
  changes: readonly string[],
  body: (engine: Engine, lossOf: (epoch: number) => Promise<number>) => Promise<void>,
): Promise<void> {
  const config = layersConfig(layers, 'training.batchSize=50', ...changes);
  await withDataset(samples, shape, classes, (dataset) =>
    withEngine(config, dataset, 2, async (engine) => {
      const initial = engine.network.parameters.map((p) => engine.tensors.weight(p).slice());
      await body(engine, async (epoch) => {
        setWeights(engine, initial);
        return (await engine.train(epoch)).totals.loss;
      });
    }),
  );
}

const evaluation = suite('dropout in evaluations');

evaluation('changes no bit of the loss, before and after training', async () => {
  let expected = 0;
  await withNetwork(without, [], async (engine) => {
    expected = (await engine.evaluate('validation')).totals.loss;
  });
  await withNetwork(withDropout, [], async (engine, lossOf) => {
    const initial = engine.network.parameters.map((p) => engine.tensors.weight(p).slice());
    assert.is((await engine.evaluate('validation')).totals.loss, expected);
    await lossOf(1);
    setWeights(engine, initial);
    assert.is((await engine.evaluate('validation')).totals.loss, expected);
  });
});

const training = suite('dropout in training');

training('drops: the loss is another than without', async () => {
  let plain = 0;
  await withNetwork(without, [], async (_, lossOf) => {
    plain = await lossOf(1);
    assert.is(await lossOf(2), plain, 'without dropout no epoch differs from another');
  });
  await withNetwork(withDropout, [], async (_, lossOf) => {
    assert.not(close(await lossOf(1), plain));
  });
});

training('drops other values in each epoch, and the same ones when it is trained again', () =>
  withNetwork(withDropout, [], async (_, lossOf) => {
    const losses = [];
    for (const epoch of [1, 2, 3, 1, 2, 3]) losses.push(await lossOf(epoch));
    assert.equal(losses.slice(0, 3), losses.slice(3));
    assert.is(new Set(losses).size, 3);
  }),
);

training('still does so after an evaluation', () =>
  withNetwork(withDropout, [], async (engine, lossOf) => {
    const before = await lossOf(1);
    await engine.evaluate('validation');
    assert.is(await lossOf(1), before);
  }),
);

training('drops other values for another seed', async () => {
  const losses: number[] = [];
  for (const seed of [1, 2])
    await withNetwork(withDropout, [`seed=${seed}`], async (engine) => {
      setWeights(
        engine,
        engine.network.parameters.map(({ size }, i) => noise(i, size)),
      );
      losses.push((await engine.train(1)).totals.loss);
    });
  assert.not(close(losses[0]!, losses[1]!));
});

training(
  'what is dropped belongs to the sample, not to its place: shuffled, the loss is the same to 1e-5',
  async () => {
    const losses: number[] = [];
    for (const sampler of ['shuffled', 'sequential'])
      await withNetwork(withDropout, [`training.sampler=${sampler}`], async (_, lossOf) => {
        losses.push(await lossOf(1));
      });
    assert.ok(close(losses[0]!, losses[1]!), losses.join(' and '));
  },
);

training('two dropout layers drop different values', async () => {
  // The second layer finds the values that the first left: if it dropped the same ones again, it would only scale them by 2.
  const ones = [dense(64), dropout, dropout, dense(classes)];
  const config = layersConfig(ones);
  const { first, second } = masksOf(config.model.layers);
  assert.not.equal(first, second);
});

/** Which values two dropout layers of a row of the same size let pass, of the first micro-batch of noise. */
function masksOf(layers: ReturnType<typeof layersConfig>['model']['layers']) {
  const { memory, run } = workerOf(layers, 1);
  const { placement } = run(0);
  const mask = (layer: number) =>
    Array.from(new Float32Array(memory.buffer, placement.scratch[layer]![0]!, 64 * lanes), Boolean);
  return { first: mask(1), second: mask(2) };
}

/** A training worker of each rank, on this thread, over 8 samples that are all alike. */
function workerOf(
  layers: ReturnType<typeof layersConfig>['model']['layers'],
  threads: number,
  input: readonly number[] = shape,
) {
  const network = buildNetwork(layers, input);
  const split = { samples: lanes };
  const format = {
    sampleType: 'float32',
    sampleShape: input,
    normalization: { mean: [], deviation: [] },
  } as const;
  const plan = planMemory(
    network,
    { ...format, splits: { train: split, validation: split, test: split } },
    {
      training: { batchSize: lanes, sampler: 'sequential', augmentation: {} },
      optimizer: layersConfig([{ type: 'dense', outFeatures: 2 }]).optimizer,
    },
    threads,
    sharedMemoryLimit(2 ** 32, threads, 2 ** 32),
  );
  const memory = createSharedMemory(plan.bytes);
  const kernels = instantiateKernels(compileKernels().kernels, memory);
  const size = input.reduce((a, b) => a * b, 1);
  const sample = noise(1, size);
  for (let i = 0; i < lanes; i++)
    new Float32Array(memory.buffer, plan.splits.train.samples + i * size * 4, size).set(sample);
  writeTables(memory.buffer, network, plan);
  network.parameters.forEach((p, i) => {
    new Float32Array(memory.buffer, plan.parameters + p.offset * 4, p.size).set(noise(i + 2, p.size));
  });
  const metrics = new Metrics(memory.buffer, plan);
  /** Forward and backward: each lane's logits, and the gradient. */
  const run = (rank: number) => {
    const config = layersConfig(layers);
    const compiled = compiledOf(network, kernels);
    const runner = new MicroBatchRunner({ plan, format, config, memory }, rank, compiled, metrics);
    runner.beginPhase({
      training: true,
      split: 'train',
      epoch: 1,
      samples: lanes,
      batchSize: lanes,
      firstStep: 0,
      endStep: 1,
      itemMicroBatches: plan.itemMicroBatches,
      sampler: 'sequential',
      rateReduction: 1,
      verify: false,
    });
    const logits = logitsOf(runner, memory.buffer, network.classes);
    runner.prepare(lanes, true);
    runner.run(0, 0, lanes, 0, plan.itemSums[0]!, 0);
    const placement = runner.placement;
    return {
      placement,
      logits,
      gradient: new Float32Array(memory.buffer, plan.itemSums[0]!, network.bufferLength).slice(),
    };
  };
  return { memory, plan, run };
}

training('a worker whose memory lies above 2 GiB drops the same values, each lane its own', () => {
  const layers = layersConfig([dropout, { type: 'flatten' }, dense(2)]).model.layers;
  const threads = 200;
  const { plan, run } = workerOf(layers, threads, [3, 256, 256]);
  const expected = run(0);
  const got = run(threads - 1);
  const [low, high] = [plan.workers[0]!.samples, got.placement.scratch[0]![0]!];
  assert.ok(low < 2 ** 31 && high > 2 ** 31, 'they do lie on both sides');
  // The samples are alike, so that only what is dropped tells the lanes apart.
  assert.is(new Set(expected.logits.slice(0, lanes)).size, lanes);
  assert.equal(got.logits, expected.logits);
  assert.ok(Buffer.from(got.gradient.buffer).equals(Buffer.from(expected.gradient.buffer)), 'gradients');
});

evaluation.run();
training.run();
