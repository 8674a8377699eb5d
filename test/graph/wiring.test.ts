import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { buildNetwork, type Network, requireBatchStatistics } from '#lockstep/graph/network.js';
import { layersConfig } from '../support/engine-helpers.js';

const networkOf = (...layers: object[]) => buildNetwork(layersConfig(layers).model.layers, [3, 8, 8]);
const refused = (message: string, ...layers: object[]) => {
  let said = '';
  try {
    networkOf(...layers);
  } catch (error) {
    said = (error as Error).message;
  }
  assert.is(said, message);
};
const conv = { type: 'conv2d', outChannels: 4, kernelSize: 3, padding: 1 };
const end = [{ type: 'flatten' }, { type: 'dense', outFeatures: 5 }];

test('a layer reads the one before, or those that it names', () => {
  const network = networkOf(
    { ...conv, name: 'a' },
    { type: 'relu', name: 'b' },
    { ...conv, inputs: ['input'], name: 'c' },
    { type: 'add', inputs: ['b', 'c', 'a'] },
    ...end,
  );
  assert.equal(
    network.nodes.map(({ inputs }) => inputs),
    [[-1], [0], [-1], [1, 2, 0], [3], [4]],
  );
});

test('a convolution and its max-pool are one node, unless something else reads between them', () => {
  const pool = { type: 'maxPool', window: 2 };
  const chain = networkOf(conv, { type: 'relu' }, pool, ...end);
  assert.is(chain.nodes.length, 3);
  const read = networkOf(
    conv,
    { type: 'relu', name: 'a' },
    { ...pool, name: 'b' },
    { ...pool, inputs: ['a'], name: 'c' },
    { type: 'add', inputs: ['b', 'c'] },
    ...end,
  );
  assert.equal(
    read.nodes.slice(0, 2).map(({ label }) => label),
    ['conv1', 'relu'],
  );
});

test('what does not fit is refused by its place', () => {
  refused(
    'model.layers[1].inputs[0]: found "convl"; expected the name of an earlier layer: "input", "conv1"',
    conv,
    { type: 'relu', inputs: ['convl'] },
    ...end,
  );
  refused(
    'model.layers[1]: no other layer reads it; name it in the inputs of one',
    conv,
    { type: 'relu' },
    { type: 'flatten', inputs: ['conv1'] },
    end[1]!,
  );
  refused('the network has no layer to train; add a dense layer', { type: 'flatten' }, { type: 'batchNorm' });
  refused(
    'model.layers[1].inputs: found 2; relu takes one input',
    conv,
    { type: 'relu', inputs: ['conv1', 'input'] },
    ...end,
  );
  refused(
    'model.layers[1].inputs: found 4 x 8 x 8 and 3 x 8 x 8 values; add takes inputs of one shape',
    conv,
    { type: 'add', inputs: ['conv1', 'input'] },
    ...end,
  );
});

test('a batch norm that would have one value a channel is refused, as in PyTorch', () => {
  const vector = networkOf({ type: 'flatten' }, { type: 'batchNorm' }, end[1]!);
  const of = (network: Network, samples: number, batchSize: number) => () =>
    requireBatchStatistics(network, samples, batchSize);
  assert.throws(
    of(vector, 65, 64),
    (e: Error) =>
      e.message ===
      "training.batchSize: of 65 training samples at 64 a mini-batch, an epoch's last mini-batch has one, and bn1 normalizes by the mean " +
        'and variance over several; choose another batchSize',
  );
  assert.throws(of(vector, 5, 1), /each mini-batch has one/);
  assert.throws(of(vector, 1, 64), /last mini-batch has one/);
  assert.not.throws(of(vector, 66, 64));
  assert.not.throws(of(vector, 64, 64));
  // Of an image, a channel has many values.
  assert.not.throws(of(networkOf(conv, { type: 'batchNorm' }, ...end), 65, 64));
});

test.run();
