import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { layersConfig, noiseSamples, withDataset, withEngine } from '../support/engine-helpers.js';

/** An evaluation leaves out what only a backward pass needs; what it computes must be the same. */

const evaluation = suite('an evaluation has the loss and hits of a training step');

const conv = { type: 'conv2d', outChannels: 5, kernelSize: 3, padding: 1 };
const pool = { type: 'maxPool', window: 2 };
const border = { type: 'zeroPad', right: 1, bottom: 1 };

for (const type of ['sigmoid', 'silu', 'relu', 'tanh']) {
  evaluation(`${type}, before max-pools with and without a border`, () => {
    const layers = [
      ...[conv, { type }, pool],
      ...[conv, { type }, border, pool],
      ...[conv, { type }, { type: 'flatten' }, { type: 'dense', outFeatures: 4 }, { type }],
      { type: 'dense', outFeatures: 3 },
    ];
    const config = layersConfig(layers, 'training.batchSize=21', 'optimizer.learningRate=1e-30');
    return withDataset(noiseSamples(5, 21, 2 * 11 * 10, 3), [2, 11, 10], 3, (dataset) =>
      withEngine(config, dataset, 2, async (engine) => {
        const { totals: trained } = await engine.train(1);
        const { totals } = await engine.evaluate('train');
        assert.equal(totals, trained);
      }),
    );
  });
}

evaluation.run();
