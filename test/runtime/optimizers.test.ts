import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ResolvedConfig } from '#lockstep/config/resolved.js';
import type { OptimizerOf } from '#lockstep/config/schema.js';
import type { Engine } from '#lockstep/runtime/engine.js';
import { tensorsOf } from '#lockstep/runtime/optimizers/slots.js';
import { nothingDone } from '#lockstep/runtime/phase.js';
import { readSafetensors } from '#lockstep/tensors/safetensors.js';
import {
  layersConfig,
  noiseSamples,
  plainSample,
  plainWeights,
  referencePath,
  relativeError,
  type Samples,
  withDataset,
  withEngine,
} from '../support/engine-helpers.js';
import { type Weights as PlainWeights, trainSample } from '../support/plain.js';

/** Whole epochs against each optimizer in double precision, as PyTorch's documentation writes it down, and against PyTorch itself. */

const layers = [{ type: 'dense', outFeatures: 9 }, { type: 'tanh' }, { type: 'dense', outFeatures: 5 }];
const shape = [7];
const samples = noiseSamples(3, 30, 7, 5); // batches of 12, 12 and 6

/** One weight's step. Changes its values in the slots, `[slot]`. Returns the new weight. */
type PlainStep = (w: number, gradient: number, slots: number[], step: number) => number;

/** Of those that PyTorch's documentation writes down in one line; the others are held against PyTorch alone. */
const plainSteps: { readonly [T in 'sgd' | 'adam' | 'adamw']: (config: OptimizerOf<T>) => PlainStep } = {
  sgd:
    ({ learningRate, momentum, nesterov, weightDecay }) =>
    (w, gradient, slots) => {
      const g = gradient + weightDecay * w;
      const v = momentum * slots[0]! + g;
      if (momentum !== 0) slots[0] = v; // without momentum there is none, as in PyTorch
      return w - learningRate * (nesterov ? g + momentum * v : v);
    },
  adam: (config) => (w, gradient, slots, step) =>
    adamStep(config, w, gradient + config.weightDecay * w, slots, step),
  adamw: (config) => (w, gradient, slots, step) =>
    adamStep(config, w * (1 - config.learningRate * config.weightDecay), gradient, slots, step),
};

function adamStep(
  { learningRate, beta1, beta2, epsilon }: OptimizerOf<'adam' | 'adamw'>,
  w: number,
  g: number,
  slots: number[],
  step: number,
): number {
  slots[0] = beta1 * slots[0]! + (1 - beta1) * g;
  slots[1] = beta2 * slots[1]! + (1 - beta2) * g * g;
  const m = slots[0] / (1 - beta1 ** step);
  const v = slots[1] / (1 - beta2 ** step);
  return w - (learningRate * m) / (Math.sqrt(v) + epsilon);
}

/**
 * An epoch in the samples' order. Changes `weights` and `slots`, `[slot][tensor]`; returns the sum of the losses.
 * @param step the training's steps before it
 */
function plainEpoch(
  config: ResolvedConfig,
  weights: readonly (PlainWeights | undefined)[],
  slots: readonly (readonly Float64Array[])[],
  { values, labels }: Samples,
  step: number,
): number {
  const update = (
    plainSteps[config.optimizer.type as keyof typeof plainSteps] as (config: object) => PlainStep
  )(config.optimizer);
  const { batchSize } = config.training;
  const tensors = weights.flatMap((w) =>
    w === undefined
      ? []
      : [
          { values: w.weight.data, gradient: w.weightGradient.data },
          { values: w.bias.data, gradient: w.biasGradient.data },
        ],
  );
  let loss = 0;
  for (let first = 0; first < labels.length; first += batchSize) {
    step++;
    const end = Math.min(first + batchSize, labels.length);
    for (const { gradient } of tensors) gradient.fill(0);
    for (let i = first; i < end; i++)
      loss += trainSample(config.model.layers, weights, plainSample(values, i, shape), labels[i]!).loss;
    const divisor = config.loss.reduction === 'mean' ? end - first : 1;
    tensors.forEach(({ values: w, gradient }, t) => {
      for (let i = 0; i < w.length; i++) {
        const own = slots.map((slot) => slot[t]![i]!);
        w[i] = update(w[i]!, gradient[i]! / divisor, own, step);
        for (const [s, value] of own.entries()) slots[s]![t]![i] = value;
      }
    });
  }
  return loss;
}

const optimizers: Record<string, object> = {
  'sgd, no momentum': { type: 'sgd' },
  'sgd, weight decay': { type: 'sgd', weightDecay: 0.1 },
  'sgd, momentum 0.9': { type: 'sgd', momentum: 0.9 },
  'sgd, momentum 0.9, Nesterov, weight decay': { momentum: 0.9, nesterov: true, weightDecay: 0.1 },
  adam: { type: 'adam' },
  'adam, weight decay': { type: 'adam', weightDecay: 0.1 },
  'adam, other constants': { type: 'adam', beta1: 0.3, beta2: 0.9, epsilon: 0.1 },
  adamw: { type: 'adamw' },
  'adamw, other constants': { type: 'adamw', beta1: 0, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.3 },
};

const plain = suite('against double precision');

for (const reduction of ['mean', 'sum']) {
  for (const [name, optimizer] of Object.entries(optimizers)) {
    plain(`two epochs with a smaller last batch, ${reduction}, ${name}: to 1e-5`, async () => {
      const learningRate = reduction === 'mean' ? 0.1 : 0.01;
      const config = layersConfig(
        layers,
        `loss.reduction=${reduction}`,
        `optimizer=${JSON.stringify({ learningRate, ...optimizer })}`,
        'training.batchSize=12',
      );
      await withDataset(samples, shape, 5, (dataset) =>
        withEngine(config, dataset, 2, async (engine) => {
          const { network } = engine;
          const { parameters } = network;
          const initial = parameters.map((p) => engine.tensors.weight(p).slice());
          const weights = plainWeights(config.model.layers, network, initial);
          const slots = engine.tensors.slots.map(() => parameters.map((p) => new Float64Array(p.size)));
          for (const epoch of [1, 2]) {
            const loss = plainEpoch(config, weights, slots, samples, (epoch - 1) * 3);
            const { totals } = await engine.train(epoch);
            assert.ok(Math.abs(totals.loss / loss - 1) < 1e-5, `epoch ${epoch}: ${totals.loss}, not ${loss}`);
          }
          const expected = weights.flatMap((w) => (w ? [w.weight.data, w.bias.data] : []));
          parameters.forEach((p, i) => {
            const error = relativeError(engine.tensors.weight(p), expected[i]!);
            assert.ok(error < 1e-5, `${p.name} is off by ${error}`);
            for (const [s, slot] of engine.tensors.slots.entries()) {
              const off = relativeError(engine.tensors.slot(slot, p), slots[s]![i]!);
              assert.ok(off < 1e-5, `the ${slot} of ${p.name} is off by ${off}`);
            }
            // The weights have moved by far more than they may be off.
            if (p.name.endsWith('weight'))
              assert.ok(
                relativeError(engine.tensors.weight(p), initial[i]!) > 1e-2,
                `${p.name} has hardly moved`,
              );
          });
        }),
      );
    });
  }
}

const pytorch = suite('against PyTorch');

for (const name of ['adam', 'adamw'] as const) {
  pytorch(`${name}: weights and moments after 100 steps, to 1e-5`, async () => {
    const { metadata, tensors } = readSafetensors(referencePath(name));
    const values = (tensor: string) => tensors.get(tensor)!.data as Float32Array;
    const steps = Number(metadata['steps']);
    assert.is(steps, 100);
    const config = layersConfig(
      JSON.parse(metadata['layers']!),
      `training.batchSize=${metadata['batch']}`,
      `optimizer=${metadata['optimizer']}`,
    );
    const labels = tensors.get('labels')!.data as Int32Array;
    await withDataset({ values: values('inputs'), labels }, [24], 5, (dataset) =>
      withEngine(config, dataset, 2, async (engine) => {
        const { parameters } = engine.network;
        for (const p of parameters) engine.tensors.weight(p).set(values(`init.${p.name}`));
        const epochs = Math.floor(steps / engine.steps);
        for (let epoch = 1; epoch <= epochs; epoch++) await engine.train(epoch);
        await engine.train(epochs + 1, nothingDone, steps % engine.steps);
        for (const p of parameters) {
          const found = {
            last: engine.tensors.weight(p),
            ...Object.fromEntries(engine.tensors.slots.map((slot) => [slot, engine.tensors.slot(slot, p)])),
          };
          assert.equal(Object.keys(found), ['last', 'firstMoment', 'secondMoment']);
          for (const [what, own] of Object.entries(found)) {
            const error = relativeError(own, values(`${what}.${p.name}`));
            assert.ok(error < 1e-5, `${what}.${p.name} is off by ${error}`);
          }
        }
      }),
    );
  });
}

const { metadata: described, tensors: reference } = readSafetensors(referencePath('optimizers'));
const referenceValues = (name: string) => reference.get(name)!.data as Float32Array;

/** The weights as they are after PyTorch's steps, and what the optimizer keeps, from PyTorch's start. */
async function trainedAsPyTorch(
  optimizer: object,
  freeze: readonly string[],
  threads: number,
  body: (engine: Engine) => Promise<void>,
): Promise<void> {
  const labels = reference.get('labels')!.data as Int32Array;
  const epochs = (Number(described['steps']) * Number(described['batch'])) / labels.length;
  const config = layersConfig(
    JSON.parse(described['layers']!),
    `training.batchSize=${described['batch']}`,
    `training.epochs=${epochs}`,
    `optimizer=${JSON.stringify(optimizer)}`,
    `training.freeze=${JSON.stringify(freeze)}`,
  );
  const samples = { values: referenceValues('inputs'), labels };
  await withDataset(samples, [24], 5, (dataset) =>
    withEngine(config, dataset, threads, async (engine) => {
      for (const p of engine.network.parameters)
        engine.tensors.weight(p).set(referenceValues(`init.${p.name}`));
      for (let epoch = 1; epoch <= epochs; epoch++) await engine.train(epoch);
      await body(engine);
    }),
  );
}

/** All that a training keeps: the weights, and each slot. */
const keptBy = (engine: Engine): [string, Float32Array][] => [
  ...engine.network.weights.map((w): [string, Float32Array] => [`last.${w.name}`, engine.tensors.weight(w)]),
  ...engine.tensors.slots.flatMap((slot) =>
    tensorsOf(slot, engine.network).map((w): [string, Float32Array] => [
      `${slot}.${w.name}`,
      engine.tensors.slot(slot, w),
    ]),
  ),
];

for (const [i, [name, optimizer]] of Object.entries<object>(JSON.parse(described['cases']!)).entries()) {
  const threads = [2, 3, 5, 8][i % 4]!;
  const freeze = JSON.parse(described['freeze']!)[name];
  pytorch(
    `${name}: weights and slots after 60 steps, to 1e-5, and the same at ${threads} threads`,
    async () => {
      let alone: [string, Float32Array][] = [];
      await trainedAsPyTorch(optimizer, freeze, 1, async (engine) => {
        alone = keptBy(engine).map(([what, values]) => [what, values.slice()]);
        const of = [...reference.keys()].filter((key) => key.startsWith(`${name}.`));
        const isFrozen = (what: string) => freeze.some((layer: string) => what.includes(`.${layer}.`));
        const [trained, frozen] = [false, true].map((wanted) =>
          alone.filter(([what]) => (!what.startsWith('last.') && isFrozen(what)) === wanted),
        ) as [typeof alone, typeof alone];
        assert.equal(trained.map(([what]) => `${name}.${what}`).sort(), of.sort());
        // PyTorch keeps nothing of what is frozen.
        for (const [what, values] of frozen)
          assert.ok(
            values.every((value) => value === 0),
            what,
          );
        for (const [what, values] of trained) {
          const error = relativeError(values, referenceValues(`${name}.${what}`));
          assert.ok(error < 1e-5, `${what} is off by ${error}`);
        }
      });
      await trainedAsPyTorch(optimizer, freeze, threads, async (engine) =>
        assert.equal(keptBy(engine), alone),
      );
    },
  );
}

plain.run();
pytorch.run();
