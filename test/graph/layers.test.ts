import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '#lockstep/config/load.js';
import { resolveConfig } from '#lockstep/config/resolve.js';
import type { ResolvedConfig, ResolvedLayer } from '#lockstep/config/resolved.js';
import { buildNetwork } from '#lockstep/graph/network.js';
import { hash, normalQuantile, uniform } from '#lockstep/numerics/random.js';
import { plainWeights, relativeError, runMicroBatches } from '../support/engine-helpers.js';
import { type Tensor, trainSample, type Weights, zeros } from '../support/plain.js';

/** Networks that between them hold every layer and every odd shape: sizes off the vector's and the block's width, single ones, tails. */
const conv = (outChannels: number, kernelSize: unknown, stride: unknown = 1, padding: unknown = 0) => ({
  type: 'conv2d',
  outChannels,
  kernelSize,
  stride,
  padding,
});
const dense = (outFeatures: number) => ({ type: 'dense', outFeatures });
const flatten = { type: 'flatten' };
const act = (type: string) => ({ type });
const pool = (type: string, window: unknown, stride: unknown) => ({ type, window, stride });

const networks: Record<string, { input: number[]; layers: object[] }> = {
  'dense alone, one input, one class and a half block': { input: [1], layers: [dense(3)] },
  'dense, odd sizes': {
    input: [13],
    layers: [dense(7), act('tanh'), dense(9), act('relu'), dense(5), act('sigmoid'), dense(6)],
  },
  'dense, sizes just over a vector': { input: [33], layers: [dense(17), act('silu'), dense(11)] },
  'one channel, 1 x 1 kernel': { input: [1, 3, 4], layers: [conv(1, 1), flatten, dense(2)] },
  'kernels of 1 x 1, planes that crowd the cache and others': {
    input: [3, 8, 20],
    layers: [
      conv(6, 1),
      act('tanh'),
      { ...conv(4, 1), groups: 2, bias: false },
      conv(5, 1, [2, 1]),
      { ...conv(4, 1), dilation: 2 },
      act('silu'),
      conv(3, 1, 1, [1, 0]),
      conv(2, 1, [1, 2]),
      flatten,
      dense(3),
    ],
  },
  'two convolutions, uneven kernel': {
    input: [2, 7, 9],
    layers: [conv(5, [2, 3]), act('silu'), conv(7, [3, 2]), act('sigmoid'), flatten, dense(10)],
  },
  'stride and padding': {
    input: [3, 8, 7],
    layers: [
      conv(4, 3, [2, 1], [1, 2]),
      act('relu'),
      conv(6, [3, 4], [1, 3], [2, 0]),
      act('tanh'),
      flatten,
      dense(8),
    ],
  },
  'planes of a size that crowds the cache': {
    input: [1, 9, 10],
    layers: [conv(3, 2), act('silu'), conv(5, [1, 2]), act('tanh'), flatten, dense(4)],
  },
  'padding wider than the kernel': {
    input: [1, 4, 4],
    layers: [conv(2, 2, 1, 3), conv(3, 3, 2, 1), flatten, dense(3)],
  },
  'max-pool, windows that overlap': {
    input: [3, 9, 8],
    layers: [
      conv(3, 2),
      pool('maxPool', 3, 2),
      act('silu'),
      conv(9, 2),
      pool('maxPool', [1, 2], [2, 1]),
      flatten,
      dense(4),
    ],
  },
  'max-pool, windows that leave gaps': {
    input: [2, 9, 9],
    layers: [conv(8, 1), pool('maxPool', [2, 1], 3), flatten, dense(4)],
  },
  'average-pool': {
    input: [2, 8, 9],
    layers: [
      conv(4, 3),
      pool('averagePool', [2, 3], [2, 2]),
      act('tanh'),
      conv(2, 1),
      pool('averagePool', 2, 1),
      flatten,
      dense(4),
    ],
  },
  'zero-pad, each side its own, before a pool': {
    input: [2, 5, 6],
    layers: [
      conv(6, 2),
      act('silu'),
      { type: 'zeroPad', top: 1, right: 2, bottom: 0, left: 3 },
      pool('maxPool', 2, 2),
      { type: 'zeroPad', bottom: 1 },
      conv(5, 2),
      flatten,
      dense(3),
    ],
  },
  'wide kernels': {
    input: [1, 4, 9],
    layers: [
      conv(3, [1, 4]),
      act('tanh'),
      conv(2, [2, 5], 1, [1, 2]),
      act('silu'),
      conv(3, 5, 1, 4),
      act('tanh'),
      flatten,
      dense(7),
    ],
  },
  'convolution, activation and max-pool, one after the other': {
    input: [2, 14, 15],
    layers: [
      conv(5, 3),
      act('silu'),
      pool('maxPool', 2, 2),
      conv(7, 2, 1, 1),
      act('relu'),
      pool('maxPool', [3, 2], 2),
      conv(3, 1),
      act('tanh'),
      pool('maxPool', 2, 1),
      flatten,
      dense(3),
    ],
  },
  'a border of zeros that wins in the max-pool behind it': {
    input: [1, 9, 8],
    layers: [
      conv(9, 2),
      act('silu'),
      { type: 'zeroPad', top: 1, right: 1, bottom: 1, left: 1 },
      pool('maxPool', 2, 2),
      conv(4, 2),
      act('tanh'),
      { type: 'zeroPad', right: 1 },
      pool('maxPool', 2, 2),
      flatten,
      dense(3),
    ],
  },
  'padding that keeps the size': {
    input: [2, 5, 6],
    layers: [
      conv(3, [2, 3], 1, 'same'),
      act('tanh'),
      conv(2, [4, 1], 1, 'same'),
      { ...conv(3, [2, 4], 1, 'same'), dilation: [3, 2] },
      flatten,
      dense(3),
    ],
  },
  'kernels without a bias': {
    input: [2, 8, 8],
    layers: [
      { ...conv(3, 3), bias: false },
      act('silu'),
      pool('maxPool', 2, 2),
      { ...conv(5, 2, 2, 1), bias: false },
      act('tanh'),
      flatten,
      { ...dense(11), bias: false },
      act('tanh'),
      dense(3),
    ],
  },
  'dilated kernels': {
    input: [2, 9, 8],
    layers: [
      { ...conv(5, 3), dilation: 2 },
      act('tanh'),
      { ...conv(4, [2, 3], [2, 3], [1, 2]), dilation: [3, 2] },
      act('silu'),
      // Padded beyond the kernel.
      { ...conv(3, [1, 2], 1, 3), dilation: [1, 2] },
      pool('maxPool', 2, 2),
      act('tanh'),
      flatten,
      dense(3),
    ],
  },
  'convolutions in groups': {
    input: [6, 7, 6],
    layers: [
      { ...conv(4, 3, 1, 1), groups: 2 },
      act('tanh'),
      { ...conv(6, 2, 2), groups: 2, bias: false },
      act('silu'),
      { ...conv(9, 2, 1, 1), groups: 3, dilation: 2 },
      act('tanh'),
      flatten,
      dense(3),
    ],
  },
  'depthwise, strides and tails': {
    input: [3, 9, 11],
    layers: [
      { ...conv(3, 3, 1, 1), groups: 3 },
      act('tanh'),
      { ...conv(6, 3, 2, 1), groups: 3, bias: false },
      act('silu'),
      { ...conv(6, [2, 3], [2, 1], [0, 2]), groups: 6, dilation: [1, 2] },
      pool('maxPool', 2, 1),
      act('tanh'),
      flatten,
      dense(3),
    ],
  },
  'depthwise, wide kernels': {
    input: [2, 5, 7],
    layers: [
      { ...conv(4, [2, 7], 1, 'same'), groups: 2 },
      act('tanh'),
      { ...conv(4, [5, 4], 1, [2, 1]), groups: 4 },
      { ...conv(4, [2, 3], 1, [3, 4]), groups: 4 },
      { ...conv(4, [3, 6], 2, 4), groups: 4 },
      act('tanh'),
      flatten,
      dense(3),
    ],
  },
  'pools with padding, and one of whole channels': {
    input: [2, 9, 8],
    layers: [
      { ...pool('maxPool', 3, 2), padding: 1 },
      act('tanh'),
      { ...pool('averagePool', [2, 3], [1, 2]), padding: [1, 1] },
      conv(5, 2),
      act('silu'),
      { ...pool('averagePool', 3, 2), padding: 1 },
      { type: 'globalAveragePool' },
      dense(3),
    ],
  },
  'a padded max-pool behind a convolution': {
    input: [2, 10, 9],
    layers: [
      conv(5, 2),
      act('silu'),
      { ...pool('maxPool', 3, 2), padding: 1 },
      conv(3, 2),
      { ...pool('maxPool', 2, 2), padding: [1, 0] },
      { type: 'globalAveragePool' },
      dense(3),
    ],
  },
  'layers before the first with weights': {
    input: [2, 6, 6],
    layers: [
      pool('averagePool', 2, 2),
      act('tanh'),
      { type: 'zeroPad', left: 1 },
      conv(3, 2),
      flatten,
      dense(4),
    ],
  },
  'residual blocks, one in the other': {
    input: [2, 5, 6],
    layers: [
      {
        type: 'residual',
        body: [
          conv(3, 3, 2, 1),
          act('silu'),
          { type: 'residual', body: [conv(3, 3, 1, 1), act('tanh'), conv(3, 1)] },
        ],
        shortcut: [pool('averagePool', 2, 2), { type: 'zeroPad', bottom: 1 }, conv(3, 1)],
      },
      { type: 'residual', body: [act('sigmoid')] },
      pool('averagePool', 3, 3),
      flatten,
      { type: 'residual', body: [dense(3), act('silu')] },
      dense(3),
    ],
  },
  'group norm and layer norm': {
    input: [2, 4, 5],
    layers: [
      conv(6, 2),
      { type: 'groupNorm', groups: 3 },
      act('silu'),
      { type: 'layerNorm', epsilon: 0.1 },
      conv(4, 2),
      { type: 'groupNorm', groups: 2, epsilon: 0.01 },
      flatten,
      act('tanh'),
      dense(6),
      { type: 'groupNorm', groups: 2 },
      act('silu'),
      { type: 'layerNorm' },
      dense(3),
    ],
  },
  'a norm that reads the image': {
    input: [2, 3, 3],
    layers: [{ type: 'layerNorm' }, conv(3, 2), flatten, dense(3)],
  },
  'concat, of pictures and of vectors': {
    input: [2, 4, 5],
    layers: [
      { ...conv(3, 2), name: 'a' },
      { ...conv(1, 2), name: 'b', inputs: ['input'] },
      { type: 'tanh', name: 'c', inputs: ['a'] },
      { type: 'concat', inputs: ['b', 'a', 'c'] },
      act('silu'),
      pool('averagePool', 2, 2),
      { type: 'flatten', name: 'd' },
      { ...dense(5), name: 'e' },
      { type: 'concat', inputs: ['d', 'e', 'd'] },
      act('sigmoid'),
      dense(4),
    ],
  },
  'activations, one after the other': {
    input: [2, 4, 5],
    layers: [
      conv(5, 2),
      act('gelu'),
      { type: 'prelu' },
      conv(4, 1),
      { type: 'leakyRelu', slope: 0.2 },
      { type: 'prelu', slopes: 'channels' },
      act('hardSwish'),
      flatten,
      dense(6),
      { type: 'elu', alpha: 0.7 },
      { type: 'prelu', slopes: 'channels' },
      dense(7),
      act('relu6'),
      dense(3),
    ],
  },
  'activations before a max-pool, with and without a bottom': {
    input: [2, 12, 11],
    layers: [
      conv(4, 2),
      act('gelu'),
      pool('maxPool', 2, 2),
      conv(5, 2),
      { type: 'leakyRelu', slope: 0.5 },
      pool('maxPool', 2, 2),
      conv(6, 1),
      act('hardSwish'),
      pool('maxPool', 2, 1),
      flatten,
      dense(3),
    ],
  },
  'activations in a row, one that reads its output first': {
    input: [5],
    layers: [dense(6), act('sigmoid'), act('tanh'), act('silu'), act('relu'), dense(4)],
  },
};

/** Networks too large for finite differences, which their layers have passed above. */
const large: typeof networks = {
  'many channels, kernels of three rows': {
    input: [2, 5, 9],
    layers: [
      conv(33, 3, 1, 1),
      act('tanh'),
      conv(34, 3),
      act('relu'),
      conv(32, [3, 2], 1, [0, 1]),
      flatten,
      dense(3),
    ],
  },
  'many channels, tiles of 4 x 4 in several strips, padding of 0 to 2': {
    input: [2, 13, 18],
    layers: [
      conv(17, 3, 1, 1),
      conv(18, 3, 1, 2),
      act('relu'),
      conv(16, 3, 1, [1, 0]),
      conv(19, 3),
      pool('maxPool', 3, 2),
      conv(16, 3, 1, 1),
      act('silu'),
      pool('maxPool', 2, 2),
      flatten,
      dense(3),
    ],
  },
};

function configOf(layers: object[], input: number[]): ResolvedConfig {
  const features = input.length === 3 ? { type: 'pixels', width: 4, height: 4 } : { type: 'colorHistogram' };
  return resolveConfig(
    parseConfig({
      name: 'test',
      data: { dir: 'unused', features },
      model: { layers },
      loss: { type: 'crossEntropy' },
      optimizer: { type: 'sgd', learningRate: 1 },
      training: { batchSize: 64, epochs: 1 },
    }),
  );
}

/** Values in (-2, 2) from a seed. */
function noise(seed: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => normalQuantile(uniform(hash(seed, i))) * 0.7);
}

function weightsOf(layers: readonly ResolvedLayer[], input: readonly number[]): (Weights | undefined)[] {
  const network = buildNetwork(layers, input);
  const values = network.parameters.map(({ size }, i) => noise(100 + i, size));
  return plainWeights(layers, network, values);
}

const sampleOf = (seed: number, shape: readonly number[]): Tensor => {
  const x = zeros(shape);
  x.data.set(noise(seed, x.data.length));
  return x;
};

const differences = suite('plain layers against finite differences, to 1e-6 relative');
const kernels = suite('kernels against plain layers in double precision, to 1e-5 relative');

for (const [name, { input, layers }] of Object.entries(networks)) {
  differences(name, () => {
    const config = configOf(layers, input);
    const weights = weightsOf(config.model.layers, input);
    const x = sampleOf(1, input);
    const loss = () => trainSample(config.model.layers, weights, x, 1).loss;
    const h = 1e-6;
    const measured = (values: Float64Array) =>
      Array.from(values, (value, i) => {
        values[i] = value + h;
        const above = loss();
        values[i] = value - h;
        const below = loss();
        values[i] = value;
        return (above - below) / (2 * h);
      });
    const { dx } = trainSample(config.model.layers, weights, x, 1);
    // Measuring calls loss(), which adds to the gradients: keep these.
    const gradients = weights.map((w) => w && [w.weightGradient.data.slice(), w.biasGradient.data.slice()]);
    weights.forEach((w, i) => {
      if (w === undefined) return;
      const error = relativeError(gradients[i]![0]!, measured(w.weight.data));
      assert.ok(error < 1e-6, `weights of layer ${i} are off by ${error}`);
      if (!w.hasBias) return;
      assert.ok(relativeError(gradients[i]![1]!, measured(w.bias.data)) < 1e-6, `biases of layer ${i}`);
    });
    assert.ok(relativeError(dx.data, measured(x.data)) < 1e-6, 'the input');
  });
}

for (const [name, { input, layers }] of Object.entries({ ...networks, ...large })) {
  for (const samples of [1, 8, 11]) {
    kernels(`${name}, ${samples} sample${samples === 1 ? '' : 's'}`, () => {
      const config = configOf(layers, input);
      const weights = weightsOf(config.model.layers, input);
      const classes = buildNetwork(config.model.layers, input).classes;
      const size = input.reduce((a, b) => a * b, 1);
      const labels = Int32Array.from({ length: samples }, (_, i) => i % classes);
      const values = new Float32Array(samples * size);
      const logits: number[] = [];
      let loss = 0;
      for (let i = 0; i < samples; i++) {
        const x = sampleOf(i + 1, input);
        values.set(x.data, i * size);
        const plain = trainSample(config.model.layers, weights, x, labels[i]!);
        logits.push(...plain.logits.data);
        loss += plain.loss;
      }
      const parameters = weights.flatMap((w) =>
        w ? [w.weight, ...(w.hasBias ? [w.bias] : [])].map(({ data }) => Float32Array.from(data)) : [],
      );
      const got = runMicroBatches(config, input, { values, labels }, parameters);
      const expected = weights.flatMap((w) =>
        w ? [w.weightGradient.data, ...(w.hasBias ? [w.biasGradient.data] : [])] : [],
      );
      assert.ok(
        relativeError(got.logits, logits) < 1e-5,
        `logits are off by ${relativeError(got.logits, logits)}`,
      );
      assert.ok(
        Math.abs(got.loss - loss) < 1e-5 * Math.abs(loss) + 1e-6,
        `the loss is ${got.loss}, not ${loss}`,
      );
      expected.forEach((gradient, i) => {
        const error = relativeError(got.gradients[i]!, gradient);
        assert.ok(error < 1e-5, `gradient ${i} is off by ${error}`);
      });
    });
  }
}

differences.run();
kernels.run();
