import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { buildNetwork } from '#lockstep/graph/network.js';
import { parameterGroups } from '#lockstep/runtime/optimizers/groups.js';
import { layersConfig } from '../support/engine-helpers.js';

/** Which parameters a step treats alike. */

const layers = [
  { type: 'conv2d', outChannels: 4, kernelSize: 3, bias: false },
  { type: 'layerNorm' },
  { type: 'prelu' },
  { type: 'flatten' },
  { type: 'dense', outFeatures: 5 },
];

/** Of each parameter, in order, its group's settings; a frozen one has none. */
function settings(...changes: string[]): string[] {
  const { model, optimizer, training } = layersConfig(layers, ...changes);
  const network = buildNetwork(model.layers, [3, 6, 6], training.freeze);
  const groups = parameterGroups(network, optimizer);
  const found = network.parameters.map(({ offset, size }) => {
    const own = groups.filter((g) => g.offset <= offset && offset + size <= g.offset + g.length);
    assert.ok(own.length <= 1);
    return own.map(({ decay, factor }) => `${decay} ${factor}`).join();
  });
  return [String(groups.length), ...found];
}

const test = suite('groups of parameters');

test('are one where nothing sets them apart', () => {
  assert.equal(settings(), ['1', ...Array.from({ length: 6 }, () => '1 1')]);
});

test('biases, norms of any shape and slopes are left out of weight decay on request', () => {
  assert.equal(settings('optimizer.decayBiasesAndNorms=false'), [
    '4',
    '1 1',
    '0 1',
    '0 1',
    '0 1',
    '1 1',
    '0 1',
  ]);
});

test('the last pattern that names a layer sets its factor, and what is frozen is in none', () => {
  const factors = '[{"layers":"*","factor":0.5},{"layers":"fc*","factor":2}]';
  assert.equal(settings(`optimizer.layerFactors=${factors}`, 'training.freeze=["conv1","prelu*"]'), [
    '2',
    '',
    '1 0.5',
    '1 0.5',
    '',
    '1 2',
    '1 2',
  ]);
});

test('a pattern may name parameters; 0 holds them', () => {
  const factors = '[{"layers":"ln*.weight","factor":0},{"layers":"*.bias","factor":64}]';
  assert.equal(settings(`optimizer.layerFactors=${factors}`), [
    '5',
    '1 1',
    '1 0',
    '1 64',
    '1 1',
    '1 1',
    '1 64',
  ]);
});

test('weight decay has a factor of its own, beside that of the rate', () => {
  const factors = '[{"layers":"fc1","factor":0.5,"weightDecay":20},{"layers":"prelu*","weightDecay":3}]';
  const change = `optimizer.layerFactors=${factors}`;
  const [, ...all] = settings(change);
  assert.equal(all, ['1 1', '1 1', '1 1', '3 1', '20 0.5', '20 0.5']);
  const [, ...weights] = settings(change, 'optimizer.decayBiasesAndNorms=false');
  assert.equal(weights, ['1 1', '0 1', '0 1', '0 1', '20 0.5', '0 0.5']);
});

test.run();
