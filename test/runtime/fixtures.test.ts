import { existsSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ResolvedConfig } from '#lockstep/config/resolved.js';
import { readSafetensors } from '#lockstep/tensors/safetensors.js';
import {
  fixturePath,
  modelConfig,
  models,
  referencePath,
  relativeError,
  runMicroBatches,
  withDataset,
  withEngine,
} from '../support/engine-helpers.js';
import { needing } from '../support/needing.js';

const test = suite('against PyTorch, to 1e-5 relative');

/** The relative error of every tensor that a file of PyTorch's numbers holds. */
async function errorsAgainst(
  path: string,
  configFor: (...changes: string[]) => ResolvedConfig,
): Promise<Map<string, number>> {
  const { metadata, tensors } = readSafetensors(path);
  const tensor = (name: string) => tensors.get(name)!.data as Float32Array;
  const shape = tensors.get('inputs')!.shape.slice(1);
  const size = shape.reduce((a, b) => a * b, 1);
  const batch = Number(metadata['batch']);
  const config = configFor(
    'loss.reduction=mean',
    'training.sampler=sequential',
    `training.batchSize=${batch}`,
    `optimizer.learningRate=${metadata['lr']}`,
    `optimizer.momentum=${metadata['momentum']}`,
    `optimizer.weightDecay=${metadata['weight_decay']}`,
    `optimizer.nesterov=${metadata['nesterov'] === 'True'}`,
    ...(metadata['layers'] === undefined ? [] : [`model.layers=${metadata['layers']}`]),
  );
  const errors = new Map<string, number>();
  for (const steps of [1, 3]) {
    const samples = batch * steps;
    const labels = (tensors.get('labels')!.data as Int32Array).slice(0, samples);
    const values = tensor('inputs').slice(0, samples * size);
    const classes = tensors.get('logits')!.shape[1]!;
    await withDataset({ values, labels }, shape, classes, (dataset) =>
      withEngine(config, dataset, 2, async (engine) => {
        const { parameters } = engine.network;
        const initial = parameters.map((p) => tensor(`init.${p.name}`));
        for (const [i, p] of parameters.entries()) engine.tensors.weight(p).set(initial[i]!);
        const { totals } = await engine.train(1);
        const losses = tensor('losses').slice(0, steps);
        errors.set(
          `losses of ${steps}`,
          relativeError([totals.loss / samples], [losses.reduce((a, b) => a + b) / steps]),
        );
        for (const p of parameters) {
          errors.set(
            `step${steps}.${p.name}`,
            relativeError(engine.tensors.weight(p), tensor(`step${steps}.${p.name}`)),
          );
        }
        if (steps > 1) return;
        const { logits } = runMicroBatches(config, shape, { values, labels }, initial);
        errors.set('logits', relativeError(logits, tensor('logits')));
        for (const p of parameters) {
          const gradient = Float64Array.from(engine.tensors.gradient(p), (sum) => sum / samples);
          errors.set(`grad.${p.name}`, relativeError(gradient, tensor(`grad.${p.name}`)));
        }
      }),
    );
  }
  return errors;
}

for (const model of models) {
  const shared = fixturePath(model);
  for (const [what, path, of] of [
    ['a small sister, stored here', referencePath(model), test],
    ['the model itself, ../shared', shared, needing(test, '../shared/fixtures', existsSync(shared))],
  ] as const) {
    of(`${model}: losses, logits, gradients, weights after one and three steps (${what})`, async () => {
      const errors = await errorsAgainst(path, (...changes) => modelConfig(model, ...changes));
      assert.ok(errors.size >= 3 + 3 * 4, `${errors.size} tensors were compared`);
      for (const [name, error] of errors) assert.ok(error < 1e-5, `${name} is off by ${error}`);
    });
  }
}

test.run();
