import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hash } from '#lockstep/numerics/random.js';
import { hashWeights } from '#lockstep/runs/weights.js';
import {
  type ModelName,
  modelConfig,
  models,
  type Samples,
  withDataset,
  withEngine,
} from '../support/engine-helpers.js';

/** 200 samples of noise: batches of 60 leave a last one of 20; neither fills its last micro-batch. */
function noiseFor(model: ModelName): { samples: Samples; shape: number[] } {
  const shape = model === 'perceptron' ? [192] : [3, 32, 32];
  const size = shape.reduce((a, b) => a * b, 1);
  const bytes = Uint8Array.from({ length: 200 * size }, (_, i) => hash(7, i));
  const values = model === 'perceptron' ? Float32Array.from(bytes, (b) => b / 256) : bytes;
  return { samples: { values, labels: Int32Array.from({ length: 200 }, (_, i) => hash(8, i) % 50) }, shape };
}

async function trainedHash(model: ModelName, threads: number, ...changes: string[]): Promise<string> {
  const { samples, shape } = noiseFor(model);
  const config = modelConfig(model, 'training.batchSize=60', ...changes);
  let result = '';
  await withDataset(samples, shape, 50, (dataset) =>
    withEngine(config, dataset, threads, async (engine) => {
      for (const epoch of [1, 2]) await engine.train(epoch);
      result = hashWeights(engine);
    }),
  );
  return result;
}

const same = suite('the same bits');

for (const model of models) {
  same(`${model}: at 1, 2, 3, 5 and 8 threads`, async () => {
    const alone = await trainedHash(model, 1);
    for (const threads of [2, 3, 5, 8])
      assert.is(await trainedHash(model, threads), alone, `${threads} threads`);
  });
}

same('with dropout, momentum, Nesterov and weight decay', async () => {
  const changes = [
    'model.layers.1={"type":"dropout","rate":0.5}',
    'optimizer.momentum=0.9',
    'optimizer.nesterov=true',
    'optimizer.weightDecay=0.01',
  ];
  const alone = await trainedHash('perceptron', 1, ...changes);
  for (const threads of [2, 8])
    assert.is(await trainedHash('perceptron', threads, ...changes), alone, `${threads} threads`);
});

same('with Adam and AdamW: at 1, 2, 3, 5 and 8 threads', async () => {
  const known = {
    adam: 'dc4e6d5678ebaad016a20808734c8b33ba4ce3066e83b3c7c64788c53d5d5767',
    adamw: '6e36bab49fc8284733ec0fdb8746fe9fa1669150fc3f2270cc12d14227df672c',
  };
  for (const type of ['adam', 'adamw'] as const) {
    const optimizer = JSON.stringify({ type, learningRate: 0.001, weightDecay: 0.01 });
    for (const threads of [1, 2, 3, 5, 8]) {
      assert.is(
        await trainedHash('perceptron', threads, `optimizer=${optimizer}`, 'loss.reduction=mean'),
        known[type],
        `${type}, ${threads} threads`,
      );
    }
  }
});

/** What the three models have not: ReLU, and channels enough for Winograd's grid, without a pool behind them and before one without a ReLU. */
const conv = (outChannels: number) => ({ type: 'conv2d', outChannels, kernelSize: 3, padding: 1 });
const pool = { type: 'maxPool', window: 2 };
const relu = { type: 'relu' };
const fewLayers = [
  conv(4),
  relu,
  pool,
  conv(32),
  relu,
  conv(18),
  relu,
  conv(20),
  pool,
  conv(6),
  relu,
  pool,
  { type: 'flatten' },
];
const vgg = `model.layers=${JSON.stringify([...fewLayers, { type: 'dense', outFeatures: 50 }])}`;

same('with ReLU and many channels', async () => {
  const alone = await trainedHash('improved', 1, vgg, 'optimizer.learningRate=1e-5');
  assert.is(alone, '0d1b093daa45eab40a88dfe2e5f1494afc9583e810246f68f3b1fb2f59cabc56');
  for (const threads of [2, 5])
    assert.is(
      await trainedHash('improved', threads, vgg, 'optimizer.learningRate=1e-5'),
      alone,
      `${threads} threads`,
    );
});

same('on any machine: the known answer of numerics version 4', async () => {
  const known: Record<ModelName, string> = {
    perceptron: '84c54bd682e870a5349b7331c39d162e5ec0898092668079dd28a470c56b536d',
    lenet5: '687d42008a6890d523c6b3a7a81ea228a1ab69f70b706131ef1a6d83821f9dc1',
    improved: '68093c7a6a9492def9dfc82b71a0a63c275e9505ff32856a5e78d566ff031be4',
  };
  for (const model of models) assert.is(await trainedHash(model, 2), known[model], model);
});

const other = suite('other bits');

other('with another seed', async () => {
  assert.is.not(await trainedHash('perceptron', 2, 'seed=2'), await trainedHash('perceptron', 2));
});

same.run();
other.run();
