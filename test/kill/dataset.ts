import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateShapes } from '#lockstep/data/synthetic/generate.js';

/** A folder to be killed in: a config, and 1,000 images that are yet to be packed. */
export async function prepare(root: string): Promise<void> {
  const conv = { type: 'conv2d', outChannels: 6, kernelSize: 3 };
  const config = {
    name: 'killed',
    data: { dir: 'shapes', cache: 'packed', features: { type: 'pixels', width: 32, height: 32 } },
    model: {
      layers: [
        conv,
        { type: 'relu' },
        { type: 'maxPool', window: 2 },
        { type: 'flatten' },
        { type: 'dense', outFeatures: 50 },
      ],
    },
    loss: { type: 'crossEntropy' },
    optimizer: { type: 'sgd', learningRate: 0.02, momentum: 0.9 },
    training: { batchSize: 60, epochs: 8, augmentation: { flip: {}, crop: { padding: 2 } } },
  };
  writeFileSync(join(root, 'config.json'), JSON.stringify(config));
  const counts = { trainPerClass: 16, validationPerClass: 2, testPerClass: 2 };
  await generateShapes(join(root, 'shapes'), { seed: 1, ...counts }, 2, () => {});
}
