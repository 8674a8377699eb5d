import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConfig } from '#lockstep/config/load.js';
import { completeConfig, withClasses } from '#lockstep/config/resolve.js';
import { buildNetwork, requireClasses } from '#lockstep/graph/network.js';
import { type ModelName, models, root } from '../support/engine-helpers.js';

/** The report's table. */
const parameters: Record<ModelName, number> = { perceptron: 7826, lenet5: 65406, improved: 42372 };

for (const folder of ['configs', 'configs/tuned']) {
  for (const model of models) {
    const path = `${folder}/${model}.json`;
    test(`${path} is a network of ${parameters[model]} parameters and 50 classes, as the report has it`, () => {
      const config = withClasses(completeConfig(loadConfig(join(root, path)), path), 50);
      const { features } = config.data;
      const shape = features.type === 'pixels' ? [3, features.height, features.width] : [3 * features.bins];
      assert.equal(shape, model === 'perceptron' ? [192] : [3, 32, 32]);
      const network = buildNetwork(config.model.layers, shape);
      assert.is(network.parameterCount, parameters[model]);
      assert.is(
        network.parameterCount,
        network.parameters.reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0),
      );
      requireClasses(network, config.model.layers, 50);
    });
  }
}

test.run();
