import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ResolvedConfig } from '#lockstep/config/resolved.js';
import { hashWeights } from '#lockstep/runs/weights.js';
import type { Engine } from '#lockstep/runtime/engine.js';
import { readSafetensors } from '#lockstep/tensors/safetensors.js';
import {
  layersConfig,
  relativeError,
  root,
  type Samples,
  withDataset,
  withEngine,
} from '../support/engine-helpers.js';

/**
 * Networks with batch norm, several stages a step: one with a residual sum, one of depthwise separable blocks, one of nested residual blocks with
 * other norms and activations. `residual.py`, `separable.py` and `blocks.py` of `test/references` wrote PyTorch's numbers.
 */

interface Reference {
  readonly values: (name: string) => Float32Array;
  readonly samples: Samples;
  readonly shape: readonly number[];
  readonly epochs: number;
  readonly configOf: (...changes: string[]) => ResolvedConfig;
}

function referenceOf(name: string): Reference {
  const { tensors, metadata } = readSafetensors(join(root, `test/references/${name}.safetensors`));
  const values = (tensor: string) => tensors.get(tensor)!.data as Float32Array;
  return {
    values,
    samples: { values: values('inputs'), labels: tensors.get('labels')!.data as Int32Array },
    shape: tensors.get('inputs')!.shape.slice(1),
    epochs: Number(metadata['epochs']),
    configOf: (...changes) =>
      layersConfig(JSON.parse(metadata['layers']!), `training.batchSize=${metadata['batch']}`, ...changes),
  };
}

const references = {
  residual: referenceOf('residual'),
  separable: referenceOf('separable'),
  blocks: referenceOf('blocks'),
};
const optimizers = {
  sgd: ['optimizer.momentum=0.9', 'optimizer.weightDecay=0.001', 'optimizer.learningRate=0.05'],
  // An epsilon far above rounding: before a batch norm a bias has no gradient but that.
  adam: ['optimizer={"type":"adam","learningRate":0.01,"epsilon":0.001}'],
} as const;

/** Of `blocks` with Adam PyTorch's own float32 is up to 1.2e-5 from its float64. */
const toleranceOf = (of: string, optimizer: string) =>
  of === 'blocks' && optimizer === 'adam' ? 3e-5 : 1e-5;

/** With PyTorch's first weights. */
function start(engine: Engine, { values }: Reference): void {
  for (const p of engine.network.parameters) engine.tensors.weight(p).set(values(`init.${p.name}`));
}

const agreement = suite(
  'networks with batch norm agree with PyTorch after 20 steps, to 1e-5 relative (blocks with Adam: 3e-5)',
);

for (const [of, reference] of Object.entries(references)) {
  const { values, samples, shape, epochs, configOf } = reference;
  for (const [name, changes] of Object.entries(optimizers)) {
    const tolerance = toleranceOf(of, name);
    agreement(`${of}, ${name}`, () =>
      withDataset(samples, shape, 5, (dataset) =>
        withEngine(configOf(...changes), dataset, 2, async (engine) => {
          start(engine, reference);
          const losses: number[] = [];
          for (let epoch = 1; epoch <= epochs; epoch++) {
            await engine.train(epoch);
            const sums = engine.stepLosses(0, engine.steps);
            sums.forEach((sum, step) => {
              losses.push(sum / Math.min(12, samples.labels.length - step * 12));
            });
          }
          const error = relativeError(losses, values(`${name}.losses`));
          assert.ok(error < tolerance, `losses are off by ${error}`);
          for (const weight of engine.network.weights) {
            const expected = values(`${name}.${weight.name}`);
            const error = relativeError(engine.tensors.weight(weight), expected);
            assert.ok(error < tolerance, `${weight.name} is off by ${error}`);
          }
          const { totals } = await engine.evaluate('test');
          const loss = totals.loss / totals.samples;
          const evaluation = relativeError([loss], values(`${name}.evaluation`));
          assert.ok(evaluation < tolerance, `the evaluation's loss is off by ${evaluation}`);
        }),
      ),
    );
  }
}

const bits = suite('a program of several stages has the same bits');

/** After two epochs. */
const trained = async ({ samples, shape, configOf }: Reference, threads: number): Promise<string> => {
  let hash = '';
  await withDataset(samples, shape, 5, (dataset) =>
    withEngine(configOf(...optimizers.adam), dataset, threads, async (engine) => {
      for (const epoch of [1, 2]) await engine.train(epoch);
      const { totals } = await engine.evaluate('test');
      hash = `${hashWeights(engine)} ${totals.loss} ${totals.top1}`;
    }),
  );
  return hash;
};

for (const [of, reference] of Object.entries(references)) {
  bits(`${of}, at 1, 2, 3, 5 and 8 threads`, async () => {
    const expected = await trained(reference, 1);
    for (const threads of [2, 3, 5, 8])
      assert.is(await trained(reference, threads), expected, `${threads} threads`);
  });
}

agreement.run();
bits.run();
