import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConfig } from '#lockstep/config/load.js';
import { completeConfig, withClasses } from '#lockstep/config/resolve.js';
import { sampleShape } from '#lockstep/data/features.js';
import { buildNetwork, requireClasses } from '#lockstep/graph/network.js';
import { type ModelName, models, root } from '../support/engine-helpers.js';

/** The report's table. */
const parameters: Record<ModelName, number> = { perceptron: 7826, lenet5: 65406, improved: 42372 };

for (const folder of ['configs', 'configs/tuned']) {
  for (const model of models) {
    const path = `${folder}/${model}.json`;
    test(`${path} is a network of ${parameters[model]} parameters and 50 classes, as the report has it`, () => {
      const { shape, network } = networkOf(path, 50);
      assert.equal(shape, model === 'perceptron' ? [192] : [3, 32, 32]);
      assert.is(network.parameterCount, parameters[model]);
      assert.is(
        network.parameterCount,
        network.parameters.reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0),
      );
    });
  }
}

/** Parameters with ten classes: of the report's networks, whose last layer has 84 inputs, and as PyTorch counts them of the others. */
const ofTenClasses = {
  'cifar10/lenet5': parameters.lenet5 - 40 * 85,
  'cifar10/improved': parameters.improved - 40 * 85,
  resnet20: 269_722 + (16 + 1) * 32 + (32 + 1) * 64, // the paper's, and two 1 x 1 shortcuts
  fast: 1_972_792,
  'tiny-imagenet/fast': 1_991_272, // a first layer of 54 filters of 3 x 3, and so many inputs of the second
  tiny: 95_162, // 4,400 of them scales and shifts: with as many running statistics below 100,000
};

for (const [name, count] of Object.entries(ofTenClasses)) {
  test(`configs/${name}.json is a network of ${count} parameters with ten classes`, () => {
    assert.is(networkOf(`configs/${name}.json`, 10).network.parameterCount, count);
  });
}

function networkOf(path: string, classes: number) {
  const config = withClasses(completeConfig(loadConfig(join(root, path)), path), classes);
  const shape = sampleShape(config.data.features);
  const network = buildNetwork(config.model.layers, shape);
  requireClasses(network, config.model.layers, classes);
  return { shape, network };
}

test.run();
