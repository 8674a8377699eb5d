import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { buildNetwork } from '#lockstep/graph/network.js';
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

test.run();
