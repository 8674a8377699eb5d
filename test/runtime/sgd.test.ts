import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ResolvedConfig } from '#lockstep/config/resolve.js';
import {
  layersConfig,
  noiseSamples,
  plainSample,
  plainWeights,
  relativeError,
  type Samples,
  withDataset,
  withEngine,
} from '../support/engine-helpers.js';
import { type Weights as PlainWeights, trainSample } from '../support/plain.js';

/** Whole epochs against SGD in double precision, as the documentation of torch.optim.SGD writes it down. */

const layers = [{ type: 'dense', outFeatures: 9 }, { type: 'tanh' }, { type: 'dense', outFeatures: 5 }];
const shape = [7];
const samples = noiseSamples(3, 30, 7, 5); // batches of 12, 12 and 6

/** An epoch in the samples' order. Changes `weights` and `velocities`, the latter one for each tensor; returns the sum of the losses. */
function plainEpoch(
  config: ResolvedConfig,
  weights: readonly (PlainWeights | undefined)[],
  velocities: readonly Float64Array[],
  { values, labels }: Samples,
): number {
  const { learningRate, momentum, nesterov, weightDecay } = config.optimizer;
  const { batchSize } = config.training;
  const tensors = weights.flatMap((w) =>
    w === undefined
      ? []
      : [
          { values: w.weight.data, gradient: w.weightGradient.data },
          { values: w.bias.data, gradient: w.biasGradient.data },
        ],
  );
  let loss = 0;
  for (let first = 0; first < labels.length; first += batchSize) {
    const end = Math.min(first + batchSize, labels.length);
    for (const { gradient } of tensors) gradient.fill(0);
    for (let i = first; i < end; i++)
      loss += trainSample(config.model.layers, weights, plainSample(values, i, shape), labels[i]!).loss;
    const divisor = config.loss.reduction === 'mean' ? end - first : 1;
    tensors.forEach(({ values: w, gradient }, t) => {
      for (let i = 0; i < w.length; i++) {
        const g = gradient[i]! / divisor + weightDecay * w[i]!;
        const v = momentum * velocities[t]![i]! + g;
        if (momentum !== 0) velocities[t]![i] = v; // without momentum there is none, as in PyTorch
        w[i]! -= learningRate * (nesterov ? g + momentum * v : v);
      }
    });
  }
  return loss;
}

const optimizers = {
  'no momentum': [],
  'weight decay': ['optimizer.weightDecay=0.1'],
  'momentum 0.9': ['optimizer.momentum=0.9'],
  'momentum 0.9, Nesterov, weight decay': [
    'optimizer.momentum=0.9',
    'optimizer.nesterov=true',
    'optimizer.weightDecay=0.1',
  ],
};

for (const reduction of ['mean', 'sum']) {
  for (const [name, changes] of Object.entries(optimizers)) {
    test(`two epochs with a smaller last batch, ${reduction}, ${name}: to 1e-5 of double precision`, async () => {
      const config = layersConfig(
        layers,
        `loss.reduction=${reduction}`,
        `optimizer.learningRate=${reduction === 'mean' ? 0.1 : 0.01}`,
        'training.batchSize=12',
        ...changes,
      );
      await withDataset(samples, shape, 5, (dataset) =>
        withEngine(config, dataset, 2, async (engine) => {
          const { network } = engine;
          const { parameters } = network;
          const initial = parameters.map((p) => engine.parameter(p).slice());
          const weights = plainWeights(config.model.layers, network, initial);
          const velocities = parameters.map((p) => new Float64Array(p.size));
          for (const epoch of [1, 2]) {
            const loss = plainEpoch(config, weights, velocities, samples);
            const { totals } = await engine.train(epoch);
            assert.ok(Math.abs(totals.loss / loss - 1) < 1e-5, `epoch ${epoch}: ${totals.loss}, not ${loss}`);
          }
          const expected = weights.flatMap((w) => (w ? [w.weight.data, w.bias.data] : []));
          parameters.forEach((p, i) => {
            const error = relativeError(engine.parameter(p), expected[i]!);
            assert.ok(error < 1e-5, `${p.name} is off by ${error}`);
            const slow = relativeError(engine.slot('velocity', p), velocities[i]!);
            assert.ok(slow < 1e-5, `the velocity of ${p.name} is off by ${slow}`);
            // The weights have moved by far more than they may be off.
            if (p.name.endsWith('weight'))
              assert.ok(relativeError(engine.parameter(p), initial[i]!) > 1e-2, `${p.name} has hardly moved`);
          });
        }),
      );
    });
  }
}

test.run();
