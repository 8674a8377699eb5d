import { closeSync, copyFileSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Arena } from '#lockstep/compile/arena.js';
import { sharedMemoryLimit, sharedMemoryWithin } from '#lockstep/compile/memory-limit.js';
import { planMemory } from '#lockstep/compile/memory-plan.js';
import { planSamples } from '#lockstep/compile/samples-plan.js';
import type { ResolvedConfig } from '#lockstep/config/resolved.js';
import { type PackedDataset, splitNames } from '#lockstep/data/dataset.js';
import { ExitCode, type UserError } from '#lockstep/errors.js';
import { buildNetwork } from '#lockstep/graph/network.js';
import { hash } from '#lockstep/numerics/random.js';
import { NodeEngine } from '#lockstep/platform/node-engine.js';
import { hashWeights } from '#lockstep/runs/weights.js';
import { nothingDone } from '#lockstep/runtime/phase.js';
import { layersConfig, noiseSamples, withDataset } from '../support/engine-helpers.js';

/** Datasets that do not fit in memory. */
const streaming = suite('samples that stay in their file');

const shape = [3, 20, 20];
const size = 1200;
const classes = 6;
const samples = 5000;
const bytes = {
  values: Uint8Array.from({ length: samples * size }, (_, i) => hash(11, i)),
  labels: Int32Array.from({ length: samples }, (_, i) => hash(5, i) % classes),
};
const layers = [
  { type: 'conv2d', outChannels: 3, kernelSize: 5, stride: 3 },
  { type: 'relu' },
  { type: 'dropout', rate: 0.3 },
  { type: 'flatten' },
  { type: 'dense', outFeatures: classes },
];
const configOf = (...changes: string[]) =>
  layersConfig(layers, 'training.batchSize=50', 'optimizer.learningRate=0.02', ...changes);

/**
 * Weights after two epochs, and the validation's loss.
 * @param ends where the first epoch's parts end
 */
async function train(
  config: ResolvedConfig,
  dataset: PackedDataset,
  threads: number,
  sharedBytes?: number,
  ends: readonly number[] = [],
) {
  const engine = new NodeEngine(config, dataset, { threads, ...(sharedBytes && { sharedBytes }) });
  try {
    let done = nothingDone;
    for (const end of [...ends, engine.steps]) done = await engine.train(1, done, end);
    await engine.train(2);
    const { loss } = (await engine.evaluate('validation')).totals;
    return `${hashWeights(engine)} ${loss}`;
  } finally {
    await engine.close();
  }
}

/** Enough for the ring of two evaluation batches of 1,024, and for some hundred samples. */
const little = 4_200_000;

for (const [name, ...changes] of [
  ['shuffled', 'training.sampler=shuffled'],
  ['in order', 'training.sampler=sequential', 'training.batchSize=64'],
  ['with Adam', 'optimizer={"type":"adam","learningRate":0.001}'],
  [
    'balanced, augmented and mixed',
    'training.sampler=balanced',
    'training.augmentation={"crop":{"padding":2},"flip":{},"rotation":{"degrees":20},"erasing":{},"mixup":{"alpha":0.5},"cutmix":{}}',
  ],
] as [string, ...string[]][]) {
  streaming(`give the same bits as in memory, at any number of threads: ${name}`, () =>
    withDataset(bytes, shape, classes, async (dataset) => {
      const config = configOf(...changes);
      const expected = await train(config, dataset, 2);
      for (const [threads, sharedBytes] of [
        [1, little],
        [2, little],
        [3, 7_000_000],
        [5, little],
      ] as const) {
        assert.is(await train(config, dataset, threads, sharedBytes), expected, `${threads} threads`);
      }
      assert.is(await train(config, dataset, 2, little, [1, 2, 40, 77]), expected, 'in parts');
    }),
  );
}

streaming('floats too', () => {
  const data = noiseSamples(4, 4000, 300, classes);
  return withDataset(data, [300], classes, async (dataset) => {
    const config = layersConfig(
      [{ type: 'dense', outFeatures: classes }],
      'training.sampler=shuffled',
      'training.batchSize=33',
    );
    assert.is(await train(config, dataset, 2, 3_500_000), await train(config, dataset, 2));
  });
});

streaming('there is a ring exactly where not all samples stay in memory', () => {
  const network = buildNetwork(configOf().model.layers, shape);
  const split = { samples: 500 };
  const stored = {
    sampleType: 'uint8',
    sampleShape: shape,
    splits: { train: split, validation: split, test: split },
  } as const;
  const planOf = (bytes: number) =>
    planMemory(network, stored, configOf(), 2, sharedMemoryLimit(bytes, 2, bytes));
  const all = planOf(2 ** 32).bytes;
  for (let bytes = all - 1500; bytes < all + 1500; bytes++) {
    const { ring, splits, bytes: used } = planOf(bytes);
    const whole = Object.values(splits).every(({ resident }) => resident === 500);
    assert.is(ring.samples === 0, whole, `${bytes - all} bytes more than all of it`);
    assert.ok(used <= bytes, `${used} of ${bytes}`);
  }
});

streaming('a balanced epoch checks the samples that it reads whenever it does', () => {
  const rare = {
    values: bytes.values,
    labels: Int32Array.from(bytes.labels, (_, i) => (i < 4990 ? 0 : 1 + (i % 5))),
  };
  return withDataset(rare, shape, classes, async (dataset) => {
    const path = `${dataset.path}.copy`;
    copyFileSync(dataset.path, path);
    const file = openSync(path, 'r+');
    for (let i = 3000; i < 4990; i++)
      writeSync(file, Uint8Array.of(7), 0, 1, dataset.splits.train.samplesOffset + i * size);
    closeSync(file);
    const engine = new NodeEngine(
      configOf('training.sampler=balanced'),
      { ...dataset, path },
      { threads: 2, sharedBytes: little },
    );
    try {
      await engine.train(1).then(
        () => assert.unreachable('expected an error'),
        (error: UserError) => assert.match(error.message, /of train is damaged/),
      );
      await engine.train(2).then(
        () => assert.unreachable('expected an error again'),
        (error: UserError) => assert.match(error.message, /of train is damaged/),
      );
    } finally {
      await engine.close();
    }
  });
});

streaming('where nobody gave a limit, a run takes what it needs of what the machine has', () => {
  const stored = (samples: number) => {
    const split = { samples };
    return {
      sampleType: 'uint8',
      sampleShape: shape,
      splits: { train: split, validation: split, test: split },
    } as const;
  };
  const training = { sampler: 'sequential', augmentation: {} } as const;
  const planOf = (samples: number, machine: number, sharedBytes?: number) => {
    const limit = sharedMemoryLimit(sharedBytes, 2, machine * 2 ** 20);
    return planSamples(new Arena(), stored(samples), classes, training, 64, limit);
  };
  // A quarter of 512 MiB is less than Node itself takes.
  assert.equal([planOf(5000, 512).ring.samples, planOf(5000, 512).splits.train.resident], [0, 5000]);
  const large = planOf(2_000_000, 512);
  assert.ok(large.ring.samples * size >= 2 ** 23, `${large.ring.samples}`);
  assert.ok(large.splits.train.resident < 2_000_000);
  const refused = (body: () => unknown, exitCode: ExitCode, says: RegExp) =>
    assert.throws(body, (error: UserError) => error.exitCode === exitCode && says.test(error.message));
  refused(
    () => planOf(5000, 100),
    ExitCode.environment,
    /^this run needs \d+ MiB of memory, and the machine, or its container, has 100 MiB/,
  );
  // What is said to be needed is enough.
  const shared = (memory: number) => sharedMemoryWithin(memory * 2 ** 20, 2);
  refused(
    () => planOf(5000, 512, shared(100)),
    ExitCode.usage,
    /--memory allows 100 MiB; give it --memory \d+MB/,
  );
  try {
    planOf(5000, 512, shared(100));
  } catch (error) {
    const need = Number(/needs (\d+) MiB/.exec((error as UserError).message)![1]);
    assert.ok(planOf(5000, 512, shared(need)).ring.samples >= 0);
    assert.throws(() => planOf(5000, 512, shared(need - 2)));
  }
});

streaming('too little memory is said before anything is done', () =>
  withDataset(bytes, shape, classes, async (dataset) => {
    assert.throws(
      () => new NodeEngine(configOf(), dataset, { threads: 1, sharedBytes: 1_000_000 }),
      (error: UserError) =>
        error.exitCode === ExitCode.usage &&
        /this run needs \d+ MiB of memory, and --memory allows \d+ MiB/.test(error.message),
    );
  }),
);

streaming('a file that is deleted before it is read ends the epoch with a word', () =>
  withDataset(bytes, shape, classes, async (dataset) => {
    const path = `${dataset.path}.copy`;
    copyFileSync(dataset.path, path);
    const engine = new NodeEngine(configOf(), { ...dataset, path }, { threads: 2, sharedBytes: little });
    try {
      rmSync(path);
      await engine.train(1).then(
        () => assert.unreachable('expected an error'),
        (error: UserError) => {
          assert.match(error.message, `${path}: cannot be read: ENOENT`);
          assert.is(error.exitCode, ExitCode.data);
        },
      );
    } finally {
      await engine.close();
    }
  }),
);

streaming('a file that is deleted when all of it is in memory is missed by nobody', () =>
  withDataset(bytes, shape, classes, async (dataset) => {
    const path = `${dataset.path}.copy`;
    copyFileSync(dataset.path, path);
    const engine = new NodeEngine(configOf(), { ...dataset, path }, { threads: 2 });
    try {
      rmSync(path);
      await engine.train(1);
      for (const split of splitNames) await engine.evaluate(split);
    } finally {
      await engine.close();
    }
  }),
);

streaming('a file that becomes shorter ends the epoch with a word', () =>
  withDataset(bytes, shape, classes, async (dataset) => {
    const path = `${dataset.path}.copy`;
    copyFileSync(dataset.path, path);
    const engine = new NodeEngine(
      configOf('training.sampler=shuffled'),
      { ...dataset, path },
      { threads: 2, sharedBytes: little },
    );
    try {
      await engine.train(1);
      truncateSync(path, 3_000_000);
      await engine.train(2).then(
        () => assert.unreachable('expected an error'),
        (error: UserError) => {
          assert.is(error.exitCode, ExitCode.data);
          assert.match(error.message, /is cut short/);
        },
      );
    } finally {
      await engine.close();
    }
  }),
);

for (const [where, sharedBytes] of [
  ['in memory', undefined],
  ['in its file', little],
] as const) {
  streaming(`a damaged sample ends the first epoch with a word: ${where}`, () =>
    withDataset(bytes, shape, classes, async (dataset) => {
      const path = `${dataset.path}.copy`;
      copyFileSync(dataset.path, path);
      const file = openSync(path, 'r+');
      const at = dataset.splits.train.samplesOffset + 4321 * size + 7;
      writeSync(file, Uint8Array.of(bytes.values[4321 * size + 7]! ^ 1), 0, 1, at);
      closeSync(file);
      const options = { threads: 2, ...(sharedBytes && { sharedBytes }) };
      const engine = new NodeEngine(configOf(), { ...dataset, path }, options);
      try {
        await engine.train(1).then(
          () => assert.unreachable('expected an error'),
          (error: UserError) => {
            assert.is(error.exitCode, ExitCode.data);
            assert.match(error.message, /sample 4321 of train is damaged/);
          },
        );
      } finally {
        await engine.close();
      }
    }),
  );
}

streaming.run();
