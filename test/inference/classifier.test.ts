import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluationBatchOf } from '#lockstep/compile/memory-plan.js';
import { openStored } from '#lockstep/data/stored.js';
import { Classifier } from '#lockstep/inference/classifier.js';
import { lanes } from '#lockstep/kernels/kernels.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { totalsOf } from '#lockstep/runtime/metrics.js';
import {
  layersConfig,
  noiseSamples,
  plainSample,
  plainWeights,
  withDataset,
  withEngine,
} from '../support/engine-helpers.js';
import { trainSample } from '../support/plain.js';

const { kernels } = compileKernels();
const shape = [2, 9, 8];
const classes = 7;
const layers = [
  { type: 'conv2d', outChannels: 5, kernelSize: 3, padding: 1 },
  { type: 'relu' },
  { type: 'maxPool', window: 2 },
  { type: 'flatten' },
  { type: 'dropout', rate: 0.5 },
  { type: 'dense', outFeatures: classes },
];

const classifier = suite('a classifier');

const norm = { type: 'batchNorm' };
const normed = [
  { type: 'conv2d', outChannels: 5, kernelSize: 3, padding: 1, bias: false },
  norm,
  ...layers.slice(1, -1),
  { type: 'dense', outFeatures: 9 },
  norm,
  ...layers.slice(-1),
];

const sameAsEvaluation = (layers: readonly object[]) => {
  // More than a step of 1024, and a last micro-batch of 3.
  const samples = 1024 + 4 * lanes + 3;
  return withDataset(noiseSamples(3, samples, 2 * 9 * 8, classes), shape, classes, (dataset) =>
    withEngine(layersConfig(layers), dataset, 2, async (engine) => {
      await engine.train(1);
      const { totals } = await engine.evaluate('test');
      const own = new Classifier(engine.network, dataset, kernels);
      own.setWeights(engine.network.weights.map((weight) => engine.tensors.weight(weight)));
      const stored = openStored(dataset, 'test');
      const losses = new Float32Array(samples);
      const classesBefore = new Int32Array(samples);
      for (let first = 0; first < samples; first += lanes) {
        const labels = stored.labels.subarray(first, first + lanes);
        for (const lane of labels.keys()) own.sample(lane).set(stored.sample(first + lane));
        own.run();
        const likeliest = own.likeliest(labels.length, 5);
        const judged = own.judge(labels);
        losses.set(judged.losses.subarray(0, labels.length), first);
        classesBefore.set(judged.classesBefore.subarray(0, labels.length), first);
        for (const [lane, label] of labels.entries()) {
          const before = judged.classesBefore[lane]!;
          const place = likeliest[lane]!.labels.indexOf(label);
          assert.is(place, before < 5 ? before : -1, 'the count is the place among the likeliest classes');
        }
      }
      stored.close();
      assert.equal(totalsOf(losses, classesBefore, evaluationBatchOf(dataset)), totals);
    }),
  );
};

classifier('gives the same loss and hits as an evaluation, to the bit', () => sameAsEvaluation(layers));
classifier('so it does where batch norms are folded', () => sameAsEvaluation(normed));

classifier("gives the softmax of the plain layers' logits, and its largest values in order", () => {
  const config = layersConfig(layers.filter(({ type }) => type !== 'dropout'));
  const samples = noiseSamples(4, 5, 2 * 9 * 8, classes);
  return withDataset(samples, shape, classes, (dataset) =>
    withEngine(config, dataset, 1, async (engine) => {
      const { network } = engine;
      const own = new Classifier(network, dataset, kernels);
      const values = network.parameters.map((p) => engine.tensors.weight(p));
      own.setWeights(values);
      const stored = openStored(dataset, 'test');
      for (let lane = 0; lane < 5; lane++) own.sample(lane).set(stored.sample(lane));
      stored.close();
      own.run();
      const probabilities = own.probabilities(5);
      const likeliest = own.likeliest(5, 3);
      assert.is(probabilities.length, 5);
      for (let lane = 0; lane < 5; lane++) {
        const weights = plainWeights(config.model.layers, network, values);
        const { logits } = trainSample(
          config.model.layers,
          weights,
          plainSample(samples.values, lane, shape),
          0,
        );
        const sum = logits.data.reduce((sum, z) => sum + Math.exp(z), 0);
        const expected = Array.from(logits.data, (z) => Math.exp(z) / sum);
        for (const [label, p] of expected.entries()) {
          assert.ok(
            Math.abs(probabilities[lane]![label]! - p) < 1e-6,
            `${probabilities[lane]![label]}, ${p}`,
          );
        }
        const order = expected.map((_, label) => label).sort((a, b) => expected[b]! - expected[a]!);
        assert.equal([...likeliest[lane]!.labels], order.slice(0, 3));
        assert.equal(
          [...likeliest[lane]!.probabilities],
          order.slice(0, 3).map((label) => probabilities[lane]![label]!),
        );
      }
    }),
  );
});

classifier(
  'of equal logits takes the first class first, and gives all classes where more are asked for',
  () => {
    const config = layersConfig([{ type: 'flatten' }, { type: 'dense', outFeatures: classes }]);
    return withDataset(noiseSamples(5, 1, 4, classes), [4], classes, (dataset) =>
      withEngine(config, dataset, 1, async (engine) => {
        const own = new Classifier(engine.network, dataset, kernels);
        const bias = Float32Array.of(0, 2, 1, 2, 0, 3, 1);
        own.setWeights([new Float32Array(4 * classes), bias]);
        own.run();
        assert.equal([...own.likeliest(1, 99)[0]!.labels], [5, 1, 3, 2, 6, 0, 4]);
        assert.equal([...own.likeliest(1, 2)[0]!.labels], [5, 1]);
      }),
    );
  },
);

classifier.run();
