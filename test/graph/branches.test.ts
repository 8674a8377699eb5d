import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { buildNetwork } from '#lockstep/graph/network.js';
import {
  layersConfig,
  noise,
  noiseSamples,
  relativeError,
  runMicroBatches,
} from '../support/engine-helpers.js';

/** Branches may be listed in any order: what one writes in place, another must not read. */

const shape = [3, 6, 6];
const conv = { type: 'conv2d', outChannels: 4, kernelSize: 3, padding: 1, name: 'a' };
const end = [
  { type: 'add', inputs: ['a', 'b', 'c', 'd'] },
  { type: 'flatten' },
  { type: 'dense', outFeatures: 5 },
];
const branches = [
  { type: 'relu', inputs: ['a'], name: 'b' },
  { type: 'tanh', inputs: ['a'], name: 'c' },
  { type: 'silu', inputs: ['a'], name: 'd' },
];

function run(order: readonly number[]) {
  const layers = [conv, ...order.map((i) => branches[i]!), ...end];
  const config = layersConfig(layers);
  const { parameters } = buildNetwork(config.model.layers, shape);
  const values = parameters.map(({ size }, i) => noise(i, size));
  return runMicroBatches(config, shape, noiseSamples(5, 11, 108, 5), values);
}

test('branches in another order give the same logits, and the same gradients but for the order of adding', () => {
  const expected = run([0, 1, 2]);
  for (const order of [
    [1, 0, 2],
    [2, 1, 0],
    [1, 2, 0],
  ]) {
    const found = run(order);
    assert.equal(found.logits, expected.logits, `${order}`);
    found.gradients.forEach((gradient, i) => {
      assert.ok(relativeError(gradient, expected.gradients[i]!) < 1e-6, `${order}, parameter ${i}`);
    });
  }
});

test('what reads the image beside the first layer sees it as it is', () => {
  const listed = (layers: object[]) => {
    const config = layersConfig(layers);
    const { parameters } = buildNetwork(config.model.layers, shape);
    const values = parameters.map(({ size }, i) => noise(i, size));
    return runMicroBatches(config, shape, noiseSamples(5, 8, 108, 5), values).logits;
  };
  const silu = { type: 'silu', inputs: ['input'], name: 'r' };
  const tanh = { type: 'tanh', inputs: ['input'], name: 't' };
  const sum = [{ type: 'add', inputs: ['r', 't', 'input'] }, ...end.slice(1)];
  assert.equal(listed([silu, tanh, ...sum]), listed([tanh, silu, ...sum]));
});

test('a residual block has the bits of its layers written one by one', () => {
  const bits = (layers: object[]) => {
    const config = layersConfig([...layers, ...end.slice(1)]);
    const { parameters } = buildNetwork(config.model.layers, shape);
    const values = parameters.map(({ size }, i) => noise(i, size));
    return runMicroBatches(config, shape, noiseSamples(5, 11, 108, 5), values);
  };
  const { name: _, ...convolution } = conv;
  const dropout = { type: 'dropout', rate: 0.5 };
  const body = [{ ...convolution, inputs: ['image'] }, { type: 'relu' }, dropout];
  const nested = bits([
    { type: 'silu', name: 'image' },
    { type: 'residual', body: [convolution, ...body.slice(1)], shortcut: [convolution] },
  ]);
  const flat = bits([
    { type: 'silu', name: 'image' },
    ...body.slice(0, 2),
    { ...dropout, name: 'b' },
    { ...convolution, inputs: ['image'] },
    { type: 'add', inputs: ['b', 'conv2'] },
  ]);
  assert.equal(nested, flat);
});

test.run();
