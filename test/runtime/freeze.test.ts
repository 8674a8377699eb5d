import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compileProgram } from '#lockstep/compile/program.js';
import type { PackedDataset } from '#lockstep/data/dataset.js';
import { layerOf } from '#lockstep/graph/network.js';
import type { Engine } from '#lockstep/runtime/engine.js';
import { layersConfig, noiseSamples, withDataset, withEngine } from '../support/engine-helpers.js';

/** Layers that are not trained. What it does to the numbers, `optimizers.test.ts` holds against PyTorch. */

const shape = [3, 12, 12];
const relu = { type: 'relu' };
const conv = (outChannels: number, more: object = {}) => ({
  type: 'conv2d',
  outChannels,
  kernelSize: 3,
  padding: 1,
  ...more,
});
/** A convolution by each algorithm, a norm, a fused one, a dense layer. */
const layers = [
  { ...conv(8), name: 'winograd' },
  relu,
  { ...conv(8, { groups: 8 }), name: 'depthwise' },
  { ...conv(8, { groups: 2, kernelSize: 1, padding: 0 }), name: 'grouped' },
  { type: 'groupNorm', groups: 2, name: 'norm' },
  { type: 'prelu', name: 'slopes' },
  { ...conv(6, { stride: 2 }), name: 'strided' },
  relu,
  { ...conv(4), name: 'pooled' },
  relu,
  { type: 'maxPool', window: 2 },
  { type: 'flatten' },
  { type: 'dense', outFeatures: 6, name: 'hidden' },
  { type: 'tanh' },
  { type: 'dense', outFeatures: 5, name: 'logits' },
];
const names = layers.flatMap((layer) => ('name' in layer ? layer.name : []));

const withNoise = (use: (dataset: PackedDataset) => Promise<void>) =>
  withDataset(noiseSamples(1, 12, 432, 5), shape, 5, use);

/** One step. */
const trained = (dataset: PackedDataset, freeze: readonly string[], use: (engine: Engine) => void) =>
  withEngine(
    layersConfig(
      layers,
      `training.freeze=${JSON.stringify(freeze)}`,
      'training.batchSize=12',
      'optimizer={"type":"adam","learningRate":0.01,"weightDecay":0.1}',
    ),
    dataset,
    2,
    async (engine) => {
      const before = engine.network.parameters.map((p) => engine.tensors.weight(p).slice());
      await engine.train(1);
      const isKept = engine.network.parameters.map((p, i) =>
        engine.tensors.weight(p).every((value, j) => value === before[i]![j]),
      );
      assert.equal(
        isKept,
        engine.network.parameters.map((p) => freeze.includes(layerOf(p))),
      );
      use(engine);
    },
  );

const test = suite('frozen layers');

test('have no gradient, keep their weights and slots, and leave the others the step that they would have taken', () =>
  withNoise(async (dataset) => {
    const expected = new Map<string, Float32Array>();
    await trained(dataset, [], (engine) => {
      for (const p of engine.network.parameters) expected.set(p.name, engine.tensors.weight(p).slice());
    });
    for (const name of names) {
      await trained(dataset, [name], (engine) => {
        for (const p of engine.network.parameters) {
          if (layerOf(p) !== name) assert.equal(engine.tensors.weight(p), expected.get(p.name), p.name);
          else
            for (const kept of [
              engine.tensors.gradient(p),
              ...engine.tensors.slots.map((slot) => engine.tensors.slot(slot, p)),
            ])
              assert.ok(
                kept.every((value) => value === 0),
                p.name,
              );
        }
      });
    }
  }));

test('below the lowest that is trained nothing is done in the backward pass', () =>
  withNoise((dataset) =>
    trained(dataset, names.slice(0, -1), (engine) => {
      const { nodes } = engine.network;
      const stages = compileProgram(engine.network).training;
      assert.equal(
        stages.map(({ backward }) => backward.map((node) => nodes[node]!.label)),
        [['logits']],
      );
    }),
  ));

test.run();
