import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { initialize } from '#lockstep/compile/initialize.js';
import { parseConfig } from '#lockstep/config/load.js';
import { resolveConfig } from '#lockstep/config/resolve.js';
import type { Initializer } from '#lockstep/config/schema.js';
import { createSampler } from '#lockstep/data/sampler.js';
import { buildNetwork } from '#lockstep/graph/network.js';
import { hash, normalQuantile, uniform } from '#lockstep/numerics/random.js';
import { layersConfig } from '../support/engine-helpers.js';

const sampler = suite('the sampler');

const order = (samples: number, seed: number, epoch: number) => {
  const shuffled = createSampler('shuffled', samples, seed, epoch);
  return Array.from({ length: samples }, (_, i) => shuffled.at(i));
};

sampler('gives every sample once an epoch, whatever their number', () => {
  for (const samples of [1, 2, 3, 7, 8, 9, 100, 1023, 1024, 1025, 25_000]) {
    const sorted = order(samples, 1, 1).sort((a, b) => a - b);
    assert.ok(
      sorted.every((sample, i) => sample === i),
      `${samples} samples`,
    );
  }
});

sampler('gives another order for another epoch and another seed, and the same for the same', () => {
  assert.equal(order(1000, 1, 1), order(1000, 1, 1));
  assert.not.equal(order(1000, 1, 1), order(1000, 1, 2));
  assert.not.equal(order(1000, 1, 1), order(1000, 2, 1));
});

sampler('puts every sample in every place equally often (chi-squared)', () => {
  const samples = 20;
  const epochs = 4000;
  const counts = new Float64Array(samples * samples);
  for (let epoch = 0; epoch < epochs; epoch++)
    for (const [i, sample] of order(samples, 3, epoch).entries()) counts[i * samples + sample]!++;
  const expected = epochs / samples;
  const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 361 degrees of freedom: mean 361, standard deviation 27.
  assert.ok(chi < 361 + 5 * 27, `chi-squared is ${chi}`);
});

sampler('keeps the order without shuffling', () => {
  const plain = createSampler('sequential', 10, 1, 1);
  assert.equal(
    Array.from({ length: 10 }, (_, i) => plain.at(i)),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
});

const normal = suite('the normal quantile');

normal('has the values of the tables, to 1e-12', () => {
  // Wolfram: InverseCDF[NormalDistribution[0, 1], p]
  const table: [p: number, x: number][] = [
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.9, 1.2815515655446004],
    [0.05, -1.6448536269514722],
    [1e-10, -6.361340902404056],
    [0.999, 3.090232306167814],
  ];
  for (const [p, x] of table)
    assert.ok(
      Math.abs(normalQuantile(p) - x) < 1e-12 * Math.max(1, Math.abs(x)),
      `${p}: ${normalQuantile(p)}`,
    );
});

normal('of hashes has mean 0 and deviation 1', () => {
  const values = Array.from({ length: 100_000 }, (_, i) => normalQuantile(uniform(hash(5, i))));
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  assert.ok(Math.abs(mean) < 0.015 && Math.abs(variance - 1) < 0.02, `${mean}, ${variance}`);
});

const init = suite('initializers');

/** Standard deviation of the second layer's weights: conv 4 -> 300, 3 x 3, so fan-in 36, fan-out 2700, 4 channels. */
function deviation(weightInit: object): { deviation: number; largest: number } {
  const config = resolveConfig(
    parseConfig({
      name: 'init',
      data: { dir: 'unused', features: { type: 'pixels', width: 8, height: 8 } },
      model: {
        layers: [
          { type: 'conv2d', outChannels: 4, kernelSize: 1 },
          { type: 'conv2d', outChannels: 300, kernelSize: 3, weightInit },
          { type: 'flatten' },
        ],
      },
      loss: { type: 'crossEntropy' },
      optimizer: { type: 'sgd', learningRate: 1 },
      training: { batchSize: 1, epochs: 1 },
    }),
  );
  const network = buildNetwork(config.model.layers, [3, 8, 8]);
  const p = network.parameters[2]!;
  const values = new Float32Array(p.size);
  initialize(values, p, 2, 1, network.input);
  const square = values.reduce((sum, v) => sum + v * v, 0) / values.length;
  return { deviation: Math.sqrt(square), largest: values.reduce((a, v) => Math.max(a, Math.abs(v)), 0) };
}

// As torch.nn.init defines them; LeCun as in PyTorch's kaiming with gain 1; the report's two as in its table.
const expected: [weightInit: Partial<Initializer> & { type: string }, deviation: number][] = [
  [{ type: 'xavierUniform' }, Math.sqrt(2 / (36 + 2700))],
  [{ type: 'xavierNormal', gain: 2 } as never, 2 * Math.sqrt(2 / (36 + 2700))],
  [{ type: 'heUniform' }, Math.sqrt(2 / 36)],
  [{ type: 'heNormal', gain: 0.5 } as never, 0.5 * Math.sqrt(2 / 36)],
  [{ type: 'lecunUniform' }, Math.sqrt(1 / 36)],
  [{ type: 'lecunNormal' }, Math.sqrt(1 / 36)],
  [{ type: 'channelNormal' }, Math.sqrt(2 / 4)],
  [{ type: 'inputUniform' }, 1 / Math.sqrt(3 * 192)],
  [{ type: 'normal', deviation: 0.3 } as never, 0.3],
  [{ type: 'uniform', low: -0.3, high: 0.3 } as never, 0.3 / Math.sqrt(3)],
  [{ type: 'zeros' }, 0],
  [{ type: 'constant', value: 0.4 } as never, 0.4],
  // Of the standard normal within two deviations: 1 - 4 phi(2) / (2 Phi(2) - 1), the root of it.
  [{ type: 'truncatedNormal', deviation: 0.5 } as never, 0.5 * 0.879626],
  // Rows of 36 values, 300 of them: columns of length 2.
  [{ type: 'orthogonal', gain: 2 } as never, 2 / Math.sqrt(300)],
];

for (const [weightInit, value] of expected) {
  init(`${weightInit.type} has its deviation, and a uniform one its bound`, () => {
    const got = deviation(weightInit);
    assert.ok(Math.abs(got.deviation - value) <= 0.02 * value, `${got.deviation}, not ${value}`);
    if (/uniform$/i.test(weightInit.type))
      assert.ok(got.largest <= value * Math.sqrt(3) * 1.0001, `${got.largest} is out of bounds`);
  });
}

sampler.run();
normal.run();
/** The first values of a convolution's weight. */
function weightOf(
  conv: object,
  input: number[] = [3, 8, 8],
): { values: Float32Array; shape: readonly number[] } {
  const network = buildNetwork(
    layersConfig([{ type: 'conv2d', ...conv }, { type: 'flatten' }, { type: 'dense', outFeatures: 2 }]).model
      .layers,
    input,
  );
  const p = network.parameters[0]!;
  const values = new Float32Array(p.size);
  initialize(values, p, 0, 1, network.input);
  return { values, shape: p.shape };
}

init('truncatedNormal stays within its bounds, also one-sided ones', () => {
  const weightInit = { type: 'truncatedNormal', mean: 1, deviation: 0.5, low: -1, high: 3 };
  const { values } = weightOf({ outChannels: 300, kernelSize: 3, weightInit });
  assert.ok(values.every((v) => v >= 0.5 && v <= 2.5));
  assert.ok(Math.min(...values) < 0.51 && Math.max(...values) > 2.2);
});

init('orthogonal is Q of the QR decomposition of its normal values, R with a positive diagonal', () => {
  for (const [outChannels, kernelSize] of [
    [5, 2],
    [30, 2],
    [12, 2],
  ] as const) {
    const of = (weightInit: object) => weightOf({ outChannels, kernelSize, weightInit }).values;
    const [q, a] = [of({ type: 'orthogonal', gain: 1 }), of({ type: 'normal', deviation: 1 })];
    const length = q.length / outChannels;
    // Row by row; of a tall matrix column by column.
    const tall = outChannels > length;
    const vectors = Math.min(outChannels, length);
    const vector = (m: Float32Array, v: number) =>
      tall
        ? Array.from({ length: outChannels }, (_, i) => m[i * length + v]!)
        : [...m.subarray(v * length, (v + 1) * length)];
    const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
    for (let v = 0; v < vectors; v++) {
      for (let w = 0; w < vectors; w++) {
        const [unit, r] = [dot(vector(q, v), vector(q, w)), dot(vector(q, v), vector(a, w))];
        assert.ok(Math.abs(unit - (v === w ? 1 : 0)) < 1e-6, `${v}, ${w}: ${unit}`);
        if (w < v) assert.ok(Math.abs(r) < 1e-5, `R[${v}][${w}] is ${r}`);
        if (w === v) assert.ok(r > 0, `R[${v}][${v}] is ${r}`);
      }
    }
  }
});

init('dirac passes channels on, in groups too; what else there is gives 0, or starts as others says', () => {
  const ones = (conv: object) => {
    const { values, shape } = weightOf({ kernelSize: [3, 2], ...conv });
    const [, channels, height, width] = shape as [number, number, number, number];
    assert.ok(values.every((v) => v === 0 || v === 1));
    return [...values.entries()]
      .filter(([, v]) => v === 1)
      .map(([i]) => [
        Math.floor(i / (channels * height * width)),
        Math.floor(i / (height * width)) % channels,
        Math.floor(i / width) % height,
        i % width,
      ]);
  };
  // As torch.nn.init.dirac_ of [5, 3, 3, 2] and, with groups=2, of [4, 3, 3, 2].
  assert.equal(ones({ outChannels: 5, weightInit: { type: 'dirac' } }), [
    [0, 0, 1, 1],
    [1, 1, 1, 1],
    [2, 2, 1, 1],
  ]);
  assert.equal(ones({ outChannels: 4, weightInit: { type: 'dirac', groups: 2 } }), [
    [0, 0, 1, 1],
    [1, 1, 1, 1],
    [2, 0, 1, 1],
    [3, 1, 1, 1],
  ]);
  const others = { type: 'normal', deviation: 1 };
  const of = (weightInit: object) => weightOf({ outChannels: 5, kernelSize: 3, weightInit }).values;
  const [mixed, plain, usual] = [of({ type: 'dirac', others }), of({ type: 'dirac' }), of(others)];
  const passing = 3 * 3 * 9;
  assert.equal(mixed.subarray(0, passing), plain.subarray(0, passing));
  assert.equal(mixed.subarray(passing), usual.subarray(passing));
  assert.throws(
    () => weightOf({ outChannels: 5, kernelSize: 1, weightInit: { type: 'dirac', groups: 2 } }),
    /model\.layers\[0\]\.weightInit\.groups: found 2; expected a divisor of outChannels, 5/,
  );
});

init.run();
