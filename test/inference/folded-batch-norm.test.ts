import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { layOut } from '#lockstep/compile/placement.js';
import { compileProgram } from '#lockstep/compile/program.js';
import { foldNorms } from '#lockstep/graph/fold.js';
import { buildNetwork } from '#lockstep/graph/network.js';
import { sizeOf } from '#lockstep/graph/shape.js';
import { Classifier } from '#lockstep/inference/classifier.js';
import { lanes } from '#lockstep/kernels/kernels.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { nodePlatform } from '#lockstep/platform/node.js';
import { nodeFiles } from '#lockstep/platform/node-files.js';
import type { Platform } from '#lockstep/platform/platform.js';
import { hashWeights } from '#lockstep/runs/weights.js';
import { Engine } from '#lockstep/runtime/engine.js';
import { Worker } from '#lockstep/runtime/worker.js';
import {
  layersConfig,
  noise,
  noiseSamples,
  relativeError,
  withDataset,
  withEngine,
} from '../support/engine-helpers.js';

const { kernels } = compileKernels();
const shape = [4, 9, 8];
const classes = 5;

const conv = (outChannels: number, more: object = {}) => ({
  type: 'conv2d',
  outChannels,
  kernelSize: 3,
  padding: 1,
  ...more,
});
const norm = { type: 'batchNorm' };
const relu = { type: 'relu' };
const pool = { type: 'maxPool', window: 2 };
const dense = (outFeatures: number) => ({ type: 'dense', outFeatures });
const end = [{ type: 'flatten' }, dense(classes)];
/** An evaluation's dropout changes nothing, but a batch norm behind it has no convolution to be folded into. */
const nothing = { type: 'dropout', rate: 0.5 };

/** Each with what stands between a convolution or dense layer and its batch norm. */
const networks: Readonly<Record<string, (...between: object[]) => object[]>> = {
  'with a bias': (...between) => [conv(6), ...between, norm, relu, ...end],
  'without a bias': (...between) => [conv(6, { bias: false }), ...between, norm, relu, ...end],
  'over a grid, by Winograd': (...between) => [conv(33), relu, conv(33), ...between, norm, relu, ...end],
  'with a stride': (...between) => [conv(6, { stride: 2, bias: false }), ...between, norm, ...end],
  'in groups': (...between) => [conv(6, { groups: 2, bias: false }), ...between, norm, relu, ...end],
  depthwise: (...between) => [conv(8, { groups: 4, bias: false }), ...between, norm, relu, ...end],
  'before a max-pool': (...between) => [conv(6), ...between, norm, relu, pool, ...end],
  'a dense layer': (...between) => [{ type: 'flatten' }, dense(7), ...between, norm, relu, dense(classes)],
  'a dense layer without a bias': (...between) => [
    ...[{ type: 'flatten' }, { ...dense(7), bias: false }, ...between, norm, relu, dense(classes)],
  ],
  'a residual block': (...between) => [
    conv(6),
    {
      type: 'residual',
      body: [conv(8, { bias: false }), ...between, norm, relu, conv(8), ...between, norm],
      shortcut: [conv(8, { kernelSize: 1, padding: 0, bias: false }), ...between, norm],
    },
    relu,
    ...end,
  ],
};

/** Of each lane's sample, by weights and statistics of noise. */
function logitsOf(layers: readonly object[]): Float32Array {
  const network = buildNetwork(layersConfig(layers).model.layers, shape);
  const classifier = new Classifier(
    network,
    { sampleType: 'float32', sampleShape: shape, normalization: { mean: [], deviation: [] } },
    kernels,
  );
  classifier.setWeights(
    network.weights.map(({ name, size }, i) =>
      noise(i, size).map((value) => (name.endsWith('running_var') ? 0.1 + value ** 2 : value)),
    ),
  );
  for (let lane = 0; lane < lanes; lane++)
    classifier.sample(lane).set(new Uint8Array(noise(100 + lane, sizeOf(shape)).buffer));
  classifier.run();
  return Float32Array.from(classifier.probabilities(lanes).flatMap((p) => [...p].map(Math.log)));
}

const folded = suite('a batch norm folded into the layer before it');

for (const [name, layersOf] of Object.entries(networks)) {
  folded(`${name}: gives what both give one after the other, to rounding`, () => {
    const network = buildNetwork(layersConfig(layersOf()).model.layers, shape);
    assert.is(foldNorms(network).nodes.filter(({ label }) => / \+ bn\d$/.test(label)).length > 0, true);
    const error = relativeError(logitsOf(layersOf()), logitsOf(layersOf(nothing)));
    assert.ok(error < 3e-6, `off by ${error}`);
  });

  folded(`${name}: needs no more memory than a worker and a micro-batch of the training`, () => {
    const network = buildNetwork(layersConfig(layersOf()).model.layers, shape);
    const { training, evaluation } = compileProgram(network);
    const { workerBytes, microBatchBytes } = layOut(network, training);
    assert.ok(layOut(foldNorms(network), evaluation).workerBytes <= workerBytes + microBatchBytes);
  });
}

folded('stays by itself behind other layers, and where another reads the convolution too', () => {
  const layers = [
    norm,
    conv(4),
    relu,
    norm,
    conv(4),
    pool,
    norm,
    conv(4, { name: 'twice' }),
    { ...norm, name: 'a' },
    { type: 'add', inputs: ['twice', 'a'] },
    ...end,
  ];
  const network = buildNetwork(layersConfig(layers).model.layers, shape);
  assert.is(foldNorms(network), network);
});

const bits = suite('a network whose batch norms are folded');
const samples = 61;
/** Its stem, frozen, has a gradient of 0, whatever an evaluation leaves. */
const mixed = [
  conv(5, { name: 'stem' }),
  norm,
  ...networks['a residual block']!().slice(0, 2),
  ...networks['with a stride']!().slice(0, 2),
  relu,
  conv(12, { groups: 6 }),
  norm,
  ...networks['a dense layer']!(),
];

bits('has the same evaluations at any number of threads, and in between trains to the same bits', () =>
  withDataset(noiseSamples(1, samples, sizeOf(shape), classes), shape, classes, async (dataset) => {
    const config = layersConfig(mixed, 'training.batchSize=24', 'training.freeze=["stem"]');
    const found: string[] = [];
    for (const [threads, evaluates] of [
      [1, true],
      [2, true],
      [3, true],
      [2, false],
    ] as const)
      await withEngine(config, dataset, threads, async (engine) => {
        const losses: number[] = [];
        for (const epoch of [1, 2, 3]) {
          if (evaluates) losses.push((await engine.evaluate('test')).totals.loss);
          await engine.train(epoch);
          for (const p of engine.network.parameters.filter(({ isFrozen }) => isFrozen))
            assert.ok(engine.tensors.gradient(p).every((value) => value === 0));
        }
        losses.push((await engine.evaluate('test')).totals.loss);
        found.push(`${hashWeights(engine)} ${losses.slice(evaluates ? 0 : -1).join(' ')}`);
      });
    const [expected, ...others] = found as [string, string, string, string];
    assert.equal(others.slice(0, 2), [expected, expected]);
    const [hash, , , , last] = expected.split(' ');
    assert.is(others[2], `${hash} ${last}`);
  }),
);

/** Every task is run by a worker that has run none before, as when a rank's tasks go from one thread to another. */
const freshWorkers: Platform = {
  ...nodePlatform,
  startThreads: (setup) => ({
    run: async ({ worker, phase }) => new Worker(setup, worker, nodeFiles).run(phase),
    close: async () => {},
  }),
};

bits('are the same whichever thread runs a rank in which phase', () =>
  withDataset(noiseSamples(1, samples, sizeOf(shape), classes), shape, classes, async (dataset) => {
    const config = layersConfig([...mixed.slice(0, 3), relu, pool, ...end], 'training.batchSize=24');
    const trained = async (phases: readonly ('train' | 'evaluate')[], platform: Platform) => {
      const engine = new Engine(config, dataset, { threads: 1 }, platform);
      let epoch = 0;
      for (const phase of phases) await (phase === 'train' ? engine.train(++epoch) : engine.evaluate('test'));
      await engine.close();
      return hashWeights(engine);
    };
    const expected = await trained(['train', 'train'], nodePlatform);
    assert.is(await trained(['train', 'train'], freshWorkers), expected);
    assert.is(await trained(['evaluate', 'train', 'train'], freshWorkers), expected);
    assert.is(await trained(['train', 'evaluate', 'train'], freshWorkers), expected);
  }),
);

folded.run();
bits.run();
