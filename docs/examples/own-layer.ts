import {
  adam,
  checkGradients,
  conv2d,
  custom,
  dense,
  fit,
  flatten,
  imageFolder,
  maxPool,
  sequential,
} from 'lockstep';
import swish from './swish.js';

/** own-layer.js FOLDER [EPOCHS]: trains a network with the layer of swish.ts, once its gradients are seen to be right. */
const [folder = 'pictures', epochs = '10'] = process.argv.slice(2);

const parameters = { slope: [1] };
const { message } = await checkGradients({ operator: swish, input: [3, 4, 4], parameters, throws: true });
console.log(message);

// Every thread imports the module. Its SHA-256 is in the run's config: another version of it is refused later.
const swishLayer = custom(new URL('./swish.js', import.meta.url), {
  parameters: { slope: { shape: [1], init: { type: 'constant', value: 1 } } },
});

const model = sequential(conv2d(8, 3), swishLayer, maxPool(2), flatten(), dense('classes'));
await using run = await fit(model, await imageFolder(folder, { size: 16 }), {
  epochs: Number(epochs),
  batchSize: 16,
  optimizer: adam({ learningRate: 2e-3 }),
});
console.log(`test: top-1 ${(await run.evaluate('test')).top1.toFixed(3)}`);
