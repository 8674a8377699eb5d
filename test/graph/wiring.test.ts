import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  buildNetwork,
  type Network,
  requireBatchStatistics,
  requireClasses,
} from '#lockstep/graph/network.js';
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

test('groups that do not divide the channels are refused, with both', () => {
  refused(
    'layer conv2 (model.layers[1]) has 3 groups, but gets 4 channels, which cannot be cut into so many; choose a divisor of both ' +
      'channels and outChannels',
    conv,
    { ...conv, outChannels: 6, groups: 3 },
    ...end,
  );
});

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

const norm = { type: 'batchNorm' };
const half = { ...conv, stride: 2 };

test('a residual block runs its body, then its shortcut, then adds; names are counted through', () => {
  const inner = { type: 'residual', body: [conv, norm] };
  const { nodes, parameters } = networkOf(
    conv,
    { type: 'residual', body: [half, norm, { type: 'relu' }, inner], shortcut: [half, norm] },
    { type: 'residual', name: 'block', body: [conv] },
    { type: 'add', inputs: ['block', 'conv4'] },
    ...end,
  );
  assert.equal(
    nodes.map(({ label, inputs }) => `${label} ${inputs}`),
    [
      ...['conv1 -1', 'conv2 0', 'bn1 1', 'relu 2', 'conv3 3', 'bn2 4', 'residual 5,3'],
      ...['conv4 0', 'bn3 7', 'residual 6,8', 'conv5 9', 'block 10,9', 'add 11,7', 'flatten 12', 'fc1 13'],
    ],
  );
  assert.equal(
    parameters.filter(({ name }) => name.endsWith('weight')).map(({ name }) => name.split('.')[0]),
    ['conv1', 'conv2', 'bn1', 'conv3', 'bn2', 'conv4', 'bn3', 'conv5', 'fc1'],
  );
});

test('what does not fit in a block is refused by its place there', () => {
  refused(
    'model.layers[1]: its body gives 4 x 4 x 4 values, but its input has 4 x 8 x 8, and they are added; ' +
      'give it a shortcut whose layers make them alike',
    conv,
    { type: 'residual', body: [half] },
    ...end,
  );
  refused(
    'model.layers[1].body[0]: its body gives 4 x 8 x 8 values, but its shortcut gives 4 x 4 x 4, and they are added; make them alike',
    conv,
    { type: 'residual', body: [{ type: 'residual', body: [conv], shortcut: [half] }] },
    ...end,
  );
  refused(
    'model.layers[0].body[1].inputs[0]: found "later"; expected the name of an earlier layer: "input", "conv1"',
    { type: 'residual', body: [conv, { type: 'relu', inputs: ['later'] }] },
    { ...conv, name: 'later' },
    ...end,
  );
  refused(
    'model.layers[0].body[0]: no other layer reads it; name it in the inputs of one',
    { type: 'residual', body: [conv, { ...conv, inputs: ['input'] }], shortcut: [conv] },
    ...end,
  );
  refused(
    'model.layers[1].inputs: found 2; residual takes one input',
    conv,
    { type: 'residual', inputs: ['conv1', 'input'], body: [conv] },
    ...end,
  );
  refused(
    'layer conv2 (model.layers[1].body[0]) gets an input of 4 x 8 x 8 (channels x height x width, padding counted), but its window of ' +
      '9 x 9 needs at least that height and width; make the window smaller or pool less before it',
    conv,
    { type: 'residual', body: [{ ...conv, kernelSize: 9, padding: 0 }] },
    ...end,
  );
});

test("a number of classes that is not the data's is named by its place in a block", () => {
  const { layers } = layersConfig([
    { type: 'flatten' },
    { type: 'residual', body: [{ type: 'dense', outFeatures: 192 }] },
  ]).model;
  assert.throws(
    () => requireClasses(buildNetwork(layers, [3, 8, 8]), layers, 5),
    (e: Error) =>
      e.message ===
      'the last layer gives 192 values (model.layers[1].body[0].outFeatures), but the dataset has 5 classes; ' +
        'with outFeatures "classes" a new run takes their number (--set model.layers.1.body.0.outFeatures=classes)',
  );
});

test('what concat and group norm cannot take is refused', () => {
  refused(
    'layer concat (model.layers[2]) gets 4 x 8 x 8 and 4 x 4 x 4 values; expected pictures of one height and width, or vectors alone',
    { ...conv, name: 'a' },
    { ...half, inputs: ['input'], name: 'b' },
    { type: 'concat', inputs: ['a', 'b'] },
    ...end,
  );
  refused(
    'layer gn1 (model.layers[1]) has 3 groups, but gets 4 channels, which cannot be cut into so many; choose a divisor of the channels',
    conv,
    { type: 'groupNorm', groups: 3 },
    ...end,
  );
  refused('the network has no layer to train; add a dense layer', { type: 'layerNorm' }, { type: 'flatten' });
});

test.run();
