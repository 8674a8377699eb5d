import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exportOnnx } from '#lockstep/onnx/export.js';
import { type ImportedModel, importOnnx } from '#lockstep/onnx/import/import.js';
import type { OnnxOptions } from '#lockstep/onnx/options.js';
import { relativeError } from '../support/engine-helpers.js';
import { importedLogits, noOtherFile } from '../support/import-helpers.js';
import {
  shippedConfig,
  shippedConfigs,
  type Tried,
  tryConfig,
  tryDrawn,
  tryLayers,
} from '../support/onnx-helpers.js';

/** What was exported comes in again as the same function. */

const imported = ({ model }: Tried, options?: OnnxOptions): ImportedModel =>
  importOnnx('model.onnx', exportOnnx(model, options).bytes, noOtherFile);

const roundTrip = suite('an exported file that is imported');

for (const file of shippedConfigs) {
  roundTrip(`${file}: gives the same bits, and folded the same logits`, () => {
    const tried = tryConfig(shippedConfig(file));
    const { config, format, network, classes } = tried.model;
    const logits = tried.logits();
    const first = imported(tried);
    assert.equal(importedLogits(first, network.input, tried.normalized), logits);
    for (const options of [{}, { input: 'normalized' }, { softmax: true }] as const) {
      const again = imported(tried, options);
      assert.equal([again.layers, again.weights], [first.layers, first.weights]);
      assert.is(again.name, config.name);
      assert.equal(again.classes, classes);
      assert.equal(again.normalization, format.normalization);
      assert.is(again.features.type, config.data.features.type);
      const { width, height } = config.data.features as { width: number; height: number };
      assert.equal({ ...again.features, width, height }, { ...again.features });
      assert.is(again.epoch, 3);
      assert.is(again.notes.length, 'softmax' in options ? 1 : 0);
      const names = network.weights.map(({ name }) => name).sort();
      assert.equal([...again.weights.keys()].sort(), names);
    }
    const folded = imported(tried, { fold: true });
    assert.ok(relativeError(importedLogits(folded, network.input, tried.normalized), logits) < 1e-5);
  });
}

roundTrip('networks drawn at random give the same bits', () => {
  let count = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const tried = tryDrawn(seed);
    const { input } = tried.model.network;
    if (input[0] !== 3) continue;
    const again = imported(tried, { input: 'normalized' });
    assert.equal(importedLogits(again, input, tried.normalized), tried.logits(), `drawn ${seed}`);
    count++;
  }
  assert.ok(count > 10);
});

roundTrip('blocks, strides, groups and borders give the same bits', () => {
  const conv = { type: 'conv2d', outChannels: 6, kernelSize: 3, padding: 1 };
  const layers = [
    { ...conv, kernelSize: [3, 2], stride: [2, 1], padding: [2, 0], name: 'input_1' },
    { type: 'groupNorm', groups: 3, epsilon: 1e-3 },
    { type: 'maxPool', window: [3, 2], stride: [2, 1], padding: [1, 1] },
    {
      type: 'residual',
      body: [
        { ...conv, groups: 2, bias: false },
        { type: 'batchNorm', momentum: 0.01 },
        { type: 'hardSwish' },
      ],
      shortcut: [{ ...conv, kernelSize: 1, padding: 0 }],
    },
    { type: 'zeroPad', top: 1, right: 2, bottom: 3, left: 4 },
    { type: 'averagePool', window: 3, stride: 2, padding: 1 },
    { type: 'layerNorm' },
    { type: 'flatten' },
    { type: 'dense', outFeatures: 12, bias: false },
    { type: 'groupNorm', groups: 4 },
    { type: 'prelu', slopes: 'channels' },
    { type: 'dense', outFeatures: 5 },
  ];
  const tried = tryLayers(layers, [3, 11, 10]);
  const again = imported(tried, { input: 'normalized' });
  assert.equal(importedLogits(again, [3, 11, 10], tried.normalized), tried.logits());
  const momenta = again.layers.flatMap((layer) => (layer.type === 'batchNorm' ? [layer.momentum] : []));
  assert.equal(momenta, [0.01]);
});

roundTrip.run();
