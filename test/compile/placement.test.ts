import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findLiveness, type Storage } from '#lockstep/compile/liveness.js';
import { layOut } from '#lockstep/compile/placement.js';
import { compileProgram } from '#lockstep/compile/program.js';
import { buildNetwork, type Network } from '#lockstep/graph/network.js';
import { groupBytes } from '#lockstep/kernels/kernels.js';
import { layersConfig, modelConfig } from '../support/engine-helpers.js';

const conv = (outChannels: number, more: object = {}) => ({
  type: 'conv2d',
  outChannels,
  kernelSize: 3,
  padding: 1,
  ...more,
});
const relu = { type: 'relu' };
const norm = { type: 'batchNorm' };
const end = [{ type: 'flatten' }, { type: 'dense', outFeatures: 5 }];

const networkOf = (...layers: object[]): Network =>
  buildNetwork(layersConfig(layers).model.layers, [3, 16, 16]);

const networks: Readonly<Record<string, Network>> = {
  lenet5: buildNetwork(modelConfig('lenet5').model.layers, [3, 32, 32]),
  improved: buildNetwork(modelConfig('improved').model.layers, [3, 32, 32]),
  'a sum of branches': networkOf(
    conv(4),
    { ...relu, name: 'a' },
    conv(4, { name: 'b' }),
    { type: 'add', inputs: ['a', 'b'] },
    relu,
    ...end,
  ),
  'one tensor, read by three': networkOf(
    conv(4, { name: 'a' }),
    { ...relu, name: 'b' },
    { type: 'tanh', inputs: ['a'], name: 'c' },
    { type: 'add', inputs: ['a', 'b', 'c'] },
    ...end,
  ),
  'batch norm in two branches': networkOf(
    conv(4),
    norm,
    { ...relu, name: 'a' },
    conv(4),
    { ...norm, name: 'b' },
    conv(4, { inputs: ['a'] }),
    { ...norm, name: 'c' },
    { type: 'add', inputs: ['b', 'c'] },
    relu,
    { type: 'dropout', rate: 0.5 },
    ...end,
  ),
};

const placement = suite('the places of tensors');

for (const [name, network] of Object.entries(networks)) {
  placement(`${name}: what is alive at the same time shares no byte`, () => {
    const { training, evaluation } = compileProgram(network);
    for (const stages of [training, evaluation]) {
      const liveness = findLiveness(network, stages);
      const layout = layOut(network, stages);
      const places = layout.at(1024, 1024 + layout.workerBytes);
      const found = new Map<Storage, number>();
      const note = (storage: Storage | undefined, address: number) => {
        if (storage === undefined) return;
        assert.is(found.get(storage) ?? address, address, 'a storage has one place');
        found.set(storage, address);
      };
      note(liveness.input, places.input);
      liveness.outputs.forEach((storage, i) => {
        note(storage, places.outputs[i]!);
      });
      liveness.outputGradients.forEach((storage, i) => {
        note(storage, places.outputGradients[i]!);
      });
      liveness.inputGradients.forEach((storages, i) => {
        storages.forEach((storage, j) => {
          note(storage, places.inputGradients[i]![j]!);
        });
      });
      const all = [...found].map(([storage, begin]) => ({
        ...storage,
        begin,
        end: begin + storage.size * groupBytes,
      }));
      for (const [i, a] of all.entries()) {
        assert.ok(a.end <= 1024 + layout.workerBytes + layout.microBatchBytes);
        for (const b of all.slice(i + 1)) {
          const meet = a.first <= b.last && b.first <= a.last;
          assert.ok(!meet || a.end <= b.begin || b.end <= a.begin, `${JSON.stringify([a, b])}`);
        }
      }
    }
  });
}

placement('only what a stage leaves for a later one lies in a micro-batch of its own', () => {
  for (const [name, network] of Object.entries(networks)) {
    const { training } = compileProgram(network);
    const isOneStage = !name.startsWith('batch norm');
    assert.is(training.length === 1, isOneStage, name);
    assert.is(layOut(network, training).microBatchBytes === 0, isOneStage, name);
  }
});

const stages = suite('the stages of a step');

stages(
  'a batch norm ends one in the forward pass and, where a gradient goes on, one in the backward pass',
  () => {
    const { training } = compileProgram(networks['batch norm in two branches']!);
    assert.equal(
      training.map(({ statistics, loss, inputGradient }) => [statistics, loss, inputGradient]),
      [
        [1, false, undefined],
        [4, false, undefined],
        [6, false, undefined],
        [undefined, true, undefined],
        [undefined, false, 6],
        [undefined, false, 4],
        [undefined, false, 1],
      ],
    );
  },
);

stages('add each gradient once', () => {
  for (const [name, network] of Object.entries(networks)) {
    const ranges = compileProgram(network)
      .training.map(({ sums }) => sums)
      .filter(({ gradientCount }) => gradientCount > 0)
      .sort((a, b) => a.gradients - b.gradients);
    let next = 0;
    for (const { gradients, gradientCount } of ranges) {
      assert.is(gradients, next, name);
      next += gradientCount * 4;
    }
    assert.is(next, network.bufferLength * 4, name);
  }
});

placement.run();
stages.run();
