import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hash } from '#lockstep/numerics/random.js';
import { hashWeights } from '#lockstep/runs/weights.js';
import {
  layersConfig,
  noise,
  noiseSamples,
  relativeError,
  withDataset,
  withEngine,
} from '../support/engine-helpers.js';
import { own, ownDense, ownModule, ownSwish } from '../support/own-code-helpers.js';

const shape = [3, 8, 8];
const classes = 4;

interface Trained {
  readonly hash: string;
  /** Of the last epoch, and of the test. */
  readonly losses: readonly number[];
  readonly hits: readonly number[];
  readonly weights: readonly Float32Array[];
}

/** Two epochs of 44 samples: the last mini-batch has 12, and its last micro-batch 4. */
async function train(layers: readonly object[], threads: number, ...changes: string[]): Promise<Trained> {
  let trained: Trained | undefined;
  const { labels } = noiseSamples(3, 44, 1, classes);
  const samples = { values: Uint8Array.from({ length: 44 * 192 }, (_, i) => hash(3, i)), labels };
  await withDataset(samples, shape, classes, (dataset) =>
    withEngine(
      layersConfig(layers, 'training.batchSize=32', 'training.sampler=shuffled', ...changes),
      dataset,
      threads,
      async (engine) => {
        // The initializers' values depend on how many parameters are before.
        const plain = engine.network.parameters.filter(({ name }) => !name.endsWith('.slope'));
        for (const [i, p] of plain.entries())
          engine.tensors
            .weight(p)
            .set(noise(i, p.size).map((value) => value / Math.sqrt(p.size / p.shape[0]!)));
        await engine.train(1);
        const { totals } = await engine.train(2);
        const test = await engine.evaluate('test');
        trained = {
          hash: hashWeights(engine),
          losses: [totals.loss, test.totals.loss],
          hits: [totals.top1, test.totals.top1],
          weights: engine.network.parameters.map((p) => engine.tensors.weight(p).slice()),
        };
      },
    ),
  );
  return trained!;
}

const conv = (outChannels: number) => ({ type: 'conv2d', outChannels, kernelSize: 3, padding: 1 });
const flat = { type: 'flatten' };
const logits = { type: 'dense', outFeatures: classes };

const same = suite('an own layer and the one that lockstep has');

same(
  'own ReLU: the same bits, with convolutions by Winograd, batch norm, residual blocks and several readers',
  async () => {
    const layers = (relu: object) => [
      conv(16),
      relu,
      { type: 'residual', body: [conv(16), { type: 'batchNorm' }, { ...relu, name: 'inner' }, conv(16)] },
      { ...relu, name: 'after' },
      { ...conv(8), name: 'left', inputs: ['after'] },
      { ...relu, name: 'right', inputs: ['after'] },
      { type: 'concat', inputs: ['left', 'right'] },
      { type: 'maxPool', window: 2 },
      flat,
      logits,
    ];
    const expected = await train(layers({ type: 'relu' }), 2);
    for (const threads of [1, 3]) assert.equal(await train(layers(own('relu')), threads), expected);
  },
);

same('own dense layer: to 1e-6, with decay of its weights alone and a factor for its bias', async () => {
  const changes = [
    'optimizer.weightDecay=0.1',
    'optimizer.decayBiasesAndNorms=false',
    'optimizer.momentum=0.9',
  ];
  const factors = (name: string) => `optimizer.layerFactors=[{"layers":"${name}.bias","factor":3}]`;
  const [built, owned] = [
    await train(
      [flat, { ...logits, outFeatures: 10 }, { type: 'tanh' }, logits],
      1,
      ...changes,
      factors('fc1'),
    ),
    await train([flat, ownDense(192, 10), { type: 'tanh' }, logits], 3, ...changes, factors('custom1')),
  ];
  for (const [i, weights] of owned.weights.entries())
    assert.ok(
      relativeError(weights, built.weights[i]!) < 1e-6,
      `${relativeError(weights, built.weights[i]!)}`,
    );
  assert.equal(owned.hits, built.hits);
});

same('own cross entropy: to 1e-6, with weights of classes and mixed images, and in evaluations', async () => {
  const layers = [conv(6), { type: 'relu' }, flat, logits];
  const mixed = [
    'loss.classWeights=[1,2,0.5,3]',
    'training.augmentation={"mixup":{"alpha":1},"cutmix":{"alpha":1}}',
  ];
  for (const changes of [['loss.reduction=sum', 'optimizer.learningRate=0.003'], mixed]) {
    const built = await train(layers, 2, ...changes);
    const loss = ['loss.type=custom', `loss.module=${ownModule('losses')}`, 'loss.export=crossEntropy'];
    const hashes = new Set<string>();
    for (const threads of [1, 3]) {
      const owned = await train(layers, threads, ...loss, ...changes);
      hashes.add(owned.hash);
      for (const [i, weights] of owned.weights.entries())
        assert.ok(relativeError(weights, built.weights[i]!) < 1e-6);
      assert.ok(relativeError(owned.losses, built.losses) < 1e-6);
      assert.equal(owned.hits, built.hits);
    }
    assert.is(hashes.size, 1);
  }
});

same('own SiLU, its slope frozen: to 1e-6; trained, the slope moves', async () => {
  const layers = (activation: object) => [conv(6), activation, flat, logits];
  const built = await train(layers({ type: 'silu' }), 1);
  const frozen = await train(layers(ownSwish()), 2, 'training.freeze=["custom1"]');
  const [weight, bias, slope, ...rest] = frozen.weights;
  assert.equal([...slope!], [1]);
  for (const [i, weights] of [weight!, bias!, ...rest].entries())
    assert.ok(relativeError(weights, built.weights[i]!) < 1e-6);
  const trained = await train(layers(ownSwish()), 2);
  assert.is.not(trained.weights[2]![0], 1);
});

const bits = suite('own code: the same bits');

bits(
  'at 1, 2 and 3 threads, with random numbers, several inputs, and batch norm behind and before',
  async () => {
    const layers = [
      conv(6),
      ownSwish({ name: 'swish' }),
      { type: 'batchNorm', name: 'norm' },
      { type: 'globalAveragePool', name: 'means' },
      { ...ownDense(6, 6), name: 'gates' },
      own('scaleChannels', { inputs: ['norm', 'gates'] }),
      own('drop', { options: { rate: 0.3 } }),
      flat,
      logits,
    ];
    const expected = await train(layers, 1);
    for (const threads of [2, 3]) assert.equal(await train(layers, threads), expected);
    const other = await train(
      layers.map((layer) => ({ ...layer, ...('options' in layer && { options: { rate: 0.4 } }) })),
      1,
    );
    assert.is.not(other.hash, expected.hash);
  },
);

bits("random numbers are another sample's, epoch's, layer's and seed's each", async () => {
  const drops = [own('drop', { options: { rate: 0.5 } })];
  const one = await train([...drops, flat, logits], 1);
  assert.is.not((await train([...drops, flat, logits], 1, 'seed=2')).hash, one.hash);
  assert.is.not((await train([{ type: 'tanh' }, ...drops, flat, logits], 1)).hash, one.hash);
});

same.run();
bits.run();
