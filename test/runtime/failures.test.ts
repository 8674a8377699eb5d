import { setFlagsFromString } from 'node:v8';
import type { Worker } from 'node:worker_threads';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PackedDataset } from '#lockstep/data/dataset.js';
import { ExitCode, UserError } from '#lockstep/errors.js';
import { hashWeights } from '#lockstep/runs/weights.js';
import type { Engine } from '#lockstep/runtime/engine.js';
import {
  layersConfig,
  noiseSamples,
  type Samples,
  withDataset,
  withEngine,
} from '../support/engine-helpers.js';
import { hang } from '../support/needing.js';

/** Runs that go wrong: what the engine says, and in which state it leaves the weights. */

const shape = [4];
const classes = 3;
const layers = [{ type: 'dense', outFeatures: classes }];
const zeroWeights = 'model.weightInit={"type":"zeros"}';
const momentum = 'optimizer.momentum=0.9';

/** 24 samples of noise, three batches; `fill` is every value of those from `first` to `end`. */
function samplesWith(fill: number, first: number, end: number): Samples {
  const { values } = noiseSamples(4, 24, 4, classes);
  (values as Float32Array).fill(fill, first * 4, end * 4);
  return { values, labels: new Int32Array(24) };
}

/** The dataset's first samples alone. */
const firstOf = (dataset: PackedDataset, samples: number): PackedDataset => ({
  ...dataset,
  splits: { ...dataset.splits, train: { ...dataset.splits.train, samples } },
});

const stateOf = (engine: Engine) => ({
  weights: hashWeights(engine),
  slots: engine.tensors.slots.map((slot) =>
    engine.network.parameters.map((p) => [...engine.tensors.slot(slot, p)]),
  ),
});

const diverged = suite('training that diverges');

for (const threads of [1, 2]) {
  const where = `(${threads} thread${threads === 1 ? '' : 's'})`;

  diverged(`a loss that is not finite stops at its step, with the weights before it ${where}`, () =>
    withDataset(samplesWith(3e38, 8, 9), shape, classes, async (dataset) => {
      const config = layersConfig(layers, momentum, 'model.weightInit={"type":"uniform","low":3,"high":4}');
      let expected: ReturnType<typeof stateOf> | undefined;
      await withEngine(config, firstOf(dataset, 8), threads, async (engine) => {
        assert.is((await engine.train(1)).failure, undefined);
        expected = stateOf(engine);
      });
      await withEngine(config, dataset, threads, async (engine) => {
        const { failure, steps } = await engine.train(1);
        assert.equal(failure, { step: 2, what: 'loss' });
        assert.is(steps, 2);
        assert.equal(stateOf(engine), expected);
      });
    }),
  );

  diverged(
    `a gradient that is not finite, under a loss that is, stops before the weights move ${where}`,
    () =>
      // Weights of 0 give finite logits; 8 values of 3e38 add up to more than a float32 holds.
      withDataset(samplesWith(0, 0, 8), shape, classes, async ({ ...dataset }) => {
        const config = layersConfig(layers, momentum, zeroWeights);
        let expected: ReturnType<typeof stateOf> | undefined;
        await withEngine(config, firstOf(dataset, 8), threads, async (engine) => {
          await engine.train(1);
          expected = stateOf(engine);
        });
        const { values, labels } = samplesWith(0, 0, 8);
        (values as Float32Array).fill(3e38, 8 * 4, 16 * 4);
        await withDataset({ values, labels }, shape, classes, (overflowing) =>
          withEngine(config, overflowing, threads, async (engine) => {
            const { failure, totals } = await engine.train(1);
            assert.equal(failure, { step: 2, what: 'gradient' });
            assert.is(Number.isFinite(totals.loss), true);
            assert.equal(stateOf(engine), expected);
          }),
        );
      }),
  );

  diverged(
    `the engine goes on after a failure: it evaluates, and trains from the weights that it has ${where}`,
    () =>
      withDataset(samplesWith(Number.NaN, 23, 24), shape, classes, (dataset) =>
        withEngine(layersConfig(layers, zeroWeights), dataset, threads, async (engine) => {
          const once = await engine.train(1);
          const again = await engine.train(1);
          for (const { failure, steps } of [once, again]) {
            assert.is(failure?.step, 3);
            assert.is(steps, 3);
          }
          assert.ok(again.totals.loss !== once.totals.loss, 'the second began where the first ended');
          assert.is((await engine.evaluate('test')).totals.samples, 24);
        }),
      ),
  );
}

diverged('NaN in a sample shows through a max-pool, wherever in a window it stands', async () => {
  const layers = [
    { type: 'maxPool', window: 2 },
    { type: 'flatten' },
    { type: 'dense', outFeatures: classes },
  ];
  for (const pixel of [0, 1, 4, 5]) {
    const { values, labels } = noiseSamples(4, 8, 16, classes);
    (values as Float32Array)[5 * 16 + pixel] = Number.NaN;
    await withDataset({ values, labels }, [1, 4, 4], classes, (dataset) =>
      withEngine(layersConfig(layers), dataset, 1, async (engine) => {
        assert.equal((await engine.train(1)).failure, { step: 1, what: 'loss' }, `pixel ${pixel} of 4 x 4`);
      }),
    );
  }
});

diverged('an evaluation counts every sample, and its loss says that something is not finite', () =>
  withDataset({ ...noiseSamples(4, 2500, 4, classes) }, shape, classes, (dataset) =>
    withEngine(layersConfig(layers), dataset, 2, async (engine) => {
      for (const p of engine.network.parameters) engine.tensors.weight(p).fill(Number.NaN);
      const { totals, failure, steps } = await engine.evaluate('test');
      assert.is(failure, undefined);
      assert.equal([totals.samples, steps, totals.top1], [2500, 3, 0]);
      assert.is(Number.isFinite(totals.loss), false);
    }),
  ),
);

const dying = suite('a worker thread that dies');

/** Runs `body` with an engine that is busy for long, and its threads in the order of their start. */
async function withBusyEngine(
  threads: number,
  body: (engine: Engine, workers: readonly Worker[]) => Promise<void>,
): Promise<void> {
  const workers: Worker[] = [];
  const keep = (worker: Worker) => workers.push(worker);
  const network = [{ type: 'dense', outFeatures: 256 }, ...layers];
  await withDataset(noiseSamples(4, 6000, 16, classes), [16], classes, async (dataset) => {
    process.on('worker', keep);
    try {
      await withEngine(layersConfig(network, 'training.batchSize=16'), dataset, threads, async (engine) => {
        await new Promise(setImmediate); // Node announces a thread a tick after its start
        await body(engine, [...workers]);
      });
    } finally {
      process.off('worker', keep);
    }
  });
}

/** Trains one epoch after the other until it fails, or as long as nobody waits for it any more. */
async function trainUntilItFails(engine: Engine): Promise<unknown> {
  const until = Date.now() + hang;
  for (let epoch = 1; Date.now() < until; epoch++) {
    try {
      await engine.train(epoch);
    } catch (error) {
      return error;
    }
  }
  return undefined;
}

/** Fails after a while, so that a run that waits for ever does not. */
function inTime<T>(promise: Promise<T>): Promise<T> {
  return Promise.race([
    promise,
    new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('nothing came of it')), hang).unref();
    }),
  ]);
}

for (const rank of [0, 1, 2]) {
  dying(`ends the phase with a message, where it might wait for ever: thread ${rank} of 3`, () =>
    withBusyEngine(3, async (engine, workers) => {
      assert.is(workers.length, 3);
      const failure = trainUntilItFails(engine);
      while (engine.progress.steps < 5) await new Promise((resolve) => setTimeout(resolve, 1));
      await workers[rank]!.terminate();
      const error = await inTime(failure);
      assert.instance(error, UserError);
      assert.is((error as UserError).exitCode, ExitCode.environment);
      assert.match((error as UserError).message, 'thread');
    }),
  );
}

dying('of an error in its code: the phase ends, and the error stays what it is', () => {
  const samples = noiseSamples(4, 48, 4, classes);
  return withDataset(samples, [4], classes, (dataset) =>
    withEngine(layersConfig(layers, 'training.sampler=balanced'), dataset, 3, async (engine) => {
      // As an error in what reads it would: half of the samples that the balanced sampler knows lie beyond the memory.
      const memory = new Int32Array(engine.tensors.weight(engine.network.parameters[0]!).buffer);
      const order = [...samples.labels.keys()].sort((a, b) => samples.labels[a]! - samples.labels[b]!);
      const begin = memory.findIndex((_, i) => order.every((sample, j) => memory[i + j] === sample));
      assert.ok(begin >= 0);
      memory.fill(-(2 ** 27), begin + 24, begin + 48);
      const error = (await inTime(engine.train(1).catch((thrown: unknown) => thrown))) as Error;
      assert.instance(error, Error);
      assert.not.instance(error, UserError);
      assert.match(error.message, 'memory access out of bounds');
    }),
  );
});

dying('of too little memory', async () => {
  // Of the threads that start from now on; and between two phases they look for messages.
  setFlagsFromString('--max-old-space-size=40');
  process.env['PISCINA_DISABLE_ATOMICS'] = '1';
  await withBusyEngine(2, async (engine, workers) => {
    const failure = trainUntilItFails(engine);
    while (engine.progress.steps < 5) await new Promise((resolve) => setTimeout(resolve, 1));
    // Unpacked when the phase has ended, each string one of its own, it is more than the thread may hold.
    workers[1]!.postMessage(new Array(3_000_000).fill('a string'));
    const error = (await inTime(failure)) as UserError;
    assert.instance(error, UserError);
    assert.is(error.exitCode, ExitCode.environment);
    assert.match(error.message, /memory.*if memory is short, use fewer threads \(--threads\)/);
  });
  setFlagsFromString('--max-old-space-size=4096');
  delete process.env['PISCINA_DISABLE_ATOMICS'];
});

dying('of too little memory at its start: no task waits for it', async () => {
  setFlagsFromString('--max-old-space-size=3');
  await withBusyEngine(2, async (engine) => {
    const error = (await inTime(engine.train(1).catch((thrown: unknown) => thrown))) as UserError;
    assert.instance(error, UserError);
    assert.is(error.exitCode, ExitCode.environment);
    assert.match(error.message, 'use fewer threads (--threads)');
  });
  setFlagsFromString('--max-old-space-size=4096');
});

dying('between two phases: the next one fails, or goes on with another thread', () =>
  withBusyEngine(2, async (engine, workers) => {
    await engine.train(1);
    await workers[1]!.terminate();
    const outcome = await inTime(
      engine.evaluate('test').then(
        ({ totals }) => totals.samples,
        (error: unknown) => error,
      ),
    );
    if (outcome instanceof UserError) assert.is(outcome.exitCode, ExitCode.environment);
    else assert.is(outcome, 6000);
  }),
);

diverged.run();
dying.run();
