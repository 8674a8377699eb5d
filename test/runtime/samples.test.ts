import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bytesOfSample, type PackedDataset } from '#lockstep/data/dataset.js';
import type { Network } from '#lockstep/graph/network.js';
import { hash } from '#lockstep/numerics/random.js';
import {
  layersConfig,
  noiseSamples,
  plainSample,
  plainWeights,
  relativeError,
  withDataset,
  withEngine,
} from '../support/engine-helpers.js';
import { trainSample } from '../support/plain.js';

/** What reaches the network of the samples that a dataset holds. */

const shape = [3, 5, 4];
const size = 60;
const classes = 6;
const config = layersConfig(
  [
    { type: 'conv2d', outChannels: 4, kernelSize: [2, 3] },
    { type: 'tanh' },
    { type: 'flatten' },
    { type: 'dense', outFeatures: classes },
  ],
  'training.batchSize=11',
);
const bytes = Uint8Array.from({ length: 11 * size }, (_, i) => hash(11, i));
const labels = Int32Array.from({ length: 11 }, (_, i) => (5 * i) % classes);
const normalization = { mean: [0.2, 0.5, 0.7], deviation: [0.125, 0.25, 0.4] };

/** The definition: (byte / 255 - mean) / deviation, of the channel. */
const normalized = (order: readonly [number, number, number]) =>
  Float64Array.from(bytes, (byte, i) => {
    const c = order[(Math.floor(i / 20) % 3) as 0 | 1 | 2];
    return (byte / 255 - normalization.mean[c]!) / normalization.deviation[c]!;
  });

/** Sum of the losses, and the gradients' sum for each parameter, of all 11 samples in double precision. */
function plain(network: Network, parameters: readonly Float32Array[], values: Float64Array) {
  const weights = plainWeights(config.model.layers, network, parameters);
  let loss = 0;
  for (const [i, label] of labels.entries())
    loss += trainSample(config.model.layers, weights, plainSample(values, i, shape), label).loss;
  return {
    loss,
    gradients: weights.flatMap((w) => (w ? [w.weightGradient.data, w.biasGradient.data] : [])),
  };
}

const pixels = suite('bytes of pixels');

pixels('are normalized by their own channel: loss and gradients to 1e-5 of double precision', () =>
  withDataset({ values: bytes, labels }, shape, classes, (dataset) =>
    withEngine(config, { ...dataset, normalization }, 2, async (engine) => {
      const { network } = engine;
      const initial = network.parameters.map((p) => engine.tensors.weight(p).slice());
      const expected = plain(network, initial, normalized([0, 1, 2]));
      const swapped = plain(network, initial, normalized([1, 0, 2]));
      const evaluated = (await engine.evaluate('validation')).totals.loss;
      const trained = (await engine.train(1)).totals.loss;
      for (const loss of [evaluated, trained]) {
        assert.ok(Math.abs(loss / expected.loss - 1) < 1e-5, `the loss is ${loss}, not ${expected.loss}`);
        assert.ok(Math.abs(loss / swapped.loss - 1) > 1e-3, 'channels that are swapped would be seen');
      }
      network.parameters.forEach((p, i) => {
        const error = relativeError(engine.tensors.gradient(p), expected.gradients[i]!);
        assert.ok(error < 1e-5, `the gradient of ${p.name} is off by ${error}`);
        assert.ok(relativeError(engine.tensors.gradient(p), swapped.gradients[i]!) > 1e-3, p.name);
      });
    }),
  ),
);

const splits = suite('splits');

/** The samples from `first` to `end` of a dataset as a split. */
const part = ({ splits: { train }, ...format }: PackedDataset, first: number, end: number) => ({
  samples: end - first,
  samplesOffset: train.samplesOffset + first * bytesOfSample(format),
  labelsOffset: train.labelsOffset + first * 4,
  checksumsOffset: train.checksumsOffset + first * 4,
});

for (const kind of ['bytes', 'floats']) {
  splits(`an evaluation sees its own split's samples and labels (${kind})`, async () => {
    const values = kind === 'bytes' ? bytes : noiseSamples(9, 11, size, 1).values;
    const seen = kind === 'bytes' ? normalized([0, 1, 2]) : Float64Array.from(values);
    await withDataset({ values, labels }, shape, classes, (whole) => {
      const ranges = { train: [0, 3], validation: [3, 4], test: [4, 11] } as const;
      const dataset: PackedDataset = {
        ...whole,
        ...(kind === 'bytes' && { normalization }),
        splits: {
          train: part(whole, ...ranges.train),
          validation: part(whole, ...ranges.validation),
          test: part(whole, ...ranges.test),
        },
      };
      return withEngine(config, dataset, 2, async (engine) => {
        const weights = plainWeights(
          config.model.layers,
          engine.network,
          engine.network.parameters.map((p) => engine.tensors.weight(p)),
        );
        for (const name of ['train', 'validation', 'test'] as const) {
          const [first, end] = ranges[name];
          let loss = 0;
          let top1 = 0;
          let top5 = 0;
          for (let i = first; i < end; i++) {
            const x = plainSample(seen, i, shape);
            const result = trainSample(config.model.layers, weights, x, labels[i]!);
            const { data } = result.logits;
            const rank = data.filter((z) => z > data[labels[i]!]!).length;
            loss += result.loss;
            top1 += rank === 0 ? 1 : 0;
            top5 += rank < 5 ? 1 : 0;
          }
          const { totals, steps } = await engine.evaluate(name);
          assert.ok(
            Math.abs(totals.loss / loss - 1) < 1e-5,
            `${name}: the loss is ${totals.loss}, not ${loss}`,
          );
          assert.equal(
            [totals.samples, totals.top1, totals.top5, steps],
            [end - first, top1, top5, 1],
            `${name}: samples, hits, steps`,
          );
        }
      });
    });
  });
}

pixels.run();
splits.run();
