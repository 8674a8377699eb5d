import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSafetensors } from '#lockstep/tensors/safetensors.js';
import {
  fixturePath,
  modelConfig,
  models,
  relativeError,
  runShards,
  withDataset,
  withEngine,
} from './engine-helpers.js';

const test = suite('against PyTorch, to 1e-5 relative');

for (const model of models) {
  const path = fixturePath(model);
  if (path === undefined) {
    console.log(`(../shared is not here: ${model} is compared with test/references alone)`);
    continue;
  }

  test(`${model}: losses, logits, gradients, and weights after one and three steps`, async () => {
    const { metadata, tensors } = readSafetensors(path);
    const tensor = (name: string) => tensors.get(name)!.data as Float32Array;
    const shape = tensors.get('inputs')!.shape.slice(1);
    const size = shape.reduce((a, b) => a * b, 1);
    const config = modelConfig(
      model,
      'loss.reduction=mean',
      'training.shuffle=false',
      `optimizer.learningRate=${metadata['lr']}`,
      `optimizer.momentum=${metadata['momentum']}`,
      `optimizer.weightDecay=${metadata['weight_decay']}`,
    );
    const errors: Record<string, number> = {};

    for (const steps of [1, 3]) {
      const samples = 64 * steps;
      const labels = (tensors.get('labels')!.data as Int32Array).slice(0, samples);
      const values = tensor('inputs').slice(0, samples * size);
      await withDataset({ values, labels }, shape, 50, (dataset) =>
        withEngine(config, dataset, 2, async (engine) => {
          const { parameters } = engine.network;
          for (const p of parameters) engine.parameter(p).set(tensor(`init.${p.name}`));
          if (steps === 1) {
            const initial = parameters.map((p) => tensor(`init.${p.name}`));
            errors['logits'] = relativeError(
              runShards(config, shape, { values, labels }, initial).logits,
              tensor('logits'),
            );
          }
          const { totals } = await engine.train(1);
          const losses = tensor('losses').slice(0, steps);
          errors[`losses of ${steps}`] = relativeError(
            [totals.loss / samples],
            [losses.reduce((a, b) => a + b) / steps],
          );
          for (const p of parameters) {
            errors[`step${steps}.${p.name}`] = relativeError(
              engine.parameter(p),
              tensor(`step${steps}.${p.name}`),
            );
            if (steps > 1) continue;
            const gradient = Float64Array.from(engine.gradient(p), (sum) => sum / samples);
            errors[`grad.${p.name}`] = relativeError(gradient, tensor(`grad.${p.name}`));
          }
        }),
      );
    }
    for (const [name, error] of Object.entries(errors)) assert.ok(error < 1e-5, `${name} is off by ${error}`);
  });
}

test.run();
