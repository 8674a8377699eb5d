import * as assert from 'uvu/assert';
import type { ResolvedConfig } from '#lockstep/config/resolved.js';
import type { PackedDataset } from '#lockstep/data/dataset.js';
import { hash } from '#lockstep/numerics/random.js';
import { NodeEngine } from '#lockstep/platform/node-engine.js';
import { hashWeights } from '#lockstep/runs/weights.js';
import type { EngineOptions } from '#lockstep/runtime/engine.js';
import type { Group } from '#lockstep/runtime/group.js';
import { nothingDone } from '#lockstep/runtime/phase.js';
import { layersConfig, modelConfig, models, type Samples, withDataset } from './engine-helpers.js';

/** Short trainings of all kinds, for what must not change a bit. */

interface Training {
  readonly config: ResolvedConfig;
  readonly shape: readonly number[];
  readonly samples: number;
  /** Of the shared memory, where the samples do not fit into it. */
  readonly sharedBytes?: number;
}

const classes = 50;
const conv = (outChannels: number, more: object = {}) => ({
  type: 'conv2d',
  outChannels,
  kernelSize: 3,
  padding: 1,
  ...more,
});
const [norm, relu] = [{ type: 'batchNorm' }, { type: 'relu' }];
const residual = [
  conv(8, { bias: false }),
  norm,
  relu,
  // The second convolution's gradient, 18 KB, travels while the next stages run.
  { type: 'residual', body: [conv(64), norm, relu, conv(8), norm] },
  relu,
  { type: 'globalAveragePool' },
  { type: 'dense', outFeatures: classes },
];
const regularized = [
  conv(6),
  relu,
  { type: 'dropout', rate: 0.3 },
  { type: 'flatten' },
  { type: 'dense', outFeatures: classes },
];

/** Batches of 60 leave a last one of 20 of 140 samples; neither fills its last micro-batch. */
const batches = 'training.batchSize=60';

export const trainings: Readonly<Record<string, Training>> = {
  ...Object.fromEntries(
    models.map((model): [string, Training] => {
      const shape = model === 'perceptron' ? [192] : [3, 32, 32];
      return [model, { config: modelConfig(model, batches), shape, samples: 140 }];
    }),
  ),
  'batch norm and residual blocks': {
    config: layersConfig(residual, batches, 'optimizer.momentum=0.9', 'training.sampler=balanced'),
    shape: [3, 8, 8],
    samples: 140,
  },
  'dropout, mixup and Adam': {
    config: layersConfig(
      regularized,
      batches,
      'training.sampler=shuffled',
      'training.augmentation={"mixup":{"alpha":0.4},"crop":{"padding":1},"flip":{}}',
      'optimizer={"type":"adam","learningRate":0.001,"weightAverage":{"decay":0.9},"gradientClipping":{"norm":1}}',
    ),
    shape: [3, 8, 8],
    samples: 140,
  },
  'samples that are read as they are needed': {
    config: layersConfig(
      [{ type: 'flatten' }, { type: 'dense', outFeatures: classes }],
      'training.batchSize=500',
      'training.sampler=shuffled',
      'training.augmentation={"mixup":{"alpha":0.4}}',
    ),
    shape: [3, 8, 8],
    samples: 2000,
    sharedBytes: 1_300_000,
  },
};

function noiseOf({ samples, shape }: Training): Samples {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = shape.length === 1 ? new Float32Array(samples * size) : new Uint8Array(samples * size);
  const scale = shape.length === 1 ? 1 / 256 : 1;
  for (let i = 0; i < values.length; i++) values[i] = (hash(7, i) & 255) * scale;
  return { values, labels: Int32Array.from({ length: samples }, (_, i) => hash(8, i) % classes) };
}

/**
 * Trains once with each number of threads: two epochs, the first in two parts, and an evaluation, of a new engine. Returns all that must be
 * the same each time, in words. On a rank other than 0 it follows, and tells the weights.
 */
export async function trained(
  training: Training,
  threadCounts: readonly number[],
  group?: Group,
): Promise<string[]> {
  const { shape } = training;
  const results: string[] = [];
  await withDataset(noiseOf(training), shape, classes, async (dataset) => {
    for (const threads of threadCounts)
      results.push(await trainedOnce(training, dataset, { threads, group }));
  });
  return results;
}

async function trainedOnce(
  { config, sharedBytes }: Training,
  dataset: PackedDataset,
  options: EngineOptions,
): Promise<string> {
  let result = '';
  const engine = new NodeEngine(config, dataset, { sharedBytes, ...options });
  try {
    const { train, validation, test } = dataset.splits;
    const isStreamed = engine.memory.resident < train.samples + validation.samples + test.samples;
    assert.is(isStreamed, sharedBytes !== undefined);
    if ((options.group?.setup.rank ?? 0) > 0) await engine.follow();
    else {
      engine.lead();
      const begun = await engine.train(1, nothingDone, 2);
      await engine.train(1, begun);
      await engine.train(2);
      const { totals } = await engine.evaluate('validation');
      const losses = engine.stepLosses(0, engine.steps).join();
      result = `${JSON.stringify(totals)} ${engine.balancedTop1('validation')} ${losses} `;
    }
    return result + hashWeights(engine);
  } finally {
    await engine.close();
  }
}
