import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PackedDataset } from '#lockstep/data/dataset.js';
import { hashWeights, setWeights } from '#lockstep/runs/weights.js';
import type { Engine } from '#lockstep/runtime/engine.js';
import { tensorsOf } from '#lockstep/runtime/optimizers/slots.js';
import { nothingDone, type PhaseResult } from '#lockstep/runtime/phase.js';
import { layersConfig, noiseSamples, withDataset, withEngine } from '../support/engine-helpers.js';

/** An epoch in parts: what a pause, a checkpoint, a stop and a resume are made of. */

const layers = [{ type: 'dense', outFeatures: 6 }, { type: 'tanh' }, { type: 'dense', outFeatures: 5 }];
const shape = [16];
const classes = 5;
const samples = 100;
const optimizers = [
  { type: 'sgd', learningRate: 0.1, momentum: 0.9 },
  { type: 'adam', learningRate: 0.01 },
  { type: 'adamw', learningRate: 0.01 },
  {
    type: 'rmsprop',
    learningRate: 0.01,
    momentum: 0.5,
    centered: true,
    gradientClipping: { norm: 0.5 },
    lookahead: { steps: 5, alpha: 1, finalAlpha: 0.3 },
    weightAverage: { decay: 0.9 },
  },
];
const configWith = (optimizer: object) =>
  layersConfig(
    layers,
    'training.batchSize=9',
    'training.sampler=shuffled',
    `optimizer=${JSON.stringify(optimizer)}`,
  );
const config = configWith(optimizers[0]!);
const steps = 12;

interface Trained {
  readonly hash: string;
  readonly results: readonly PhaseResult[];
}

const withNoise = (use: (dataset: PackedDataset) => Promise<void>) =>
  withDataset(noiseSamples(1, samples, 16, classes), shape, classes, use);

/** Two epochs at once. */
async function whole(engine: Engine): Promise<Trained> {
  const results = [await engine.train(1), await engine.train(2), await engine.evaluate('test')];
  return { hash: hashWeights(engine), results };
}

/** An epoch whose parts end before the given steps. */
async function inParts(engine: Engine, epoch: number, ends: readonly number[]): Promise<PhaseResult> {
  let done = nothingDone;
  for (const end of [...ends, steps]) done = await engine.train(epoch, done, end);
  return done;
}

const parts = suite('an epoch in parts');

for (const threads of [1, 2, 3]) {
  parts(`gives the bits and the totals of one in a piece (${threads} threads)`, () =>
    withNoise(async (dataset) => {
      let expected: Trained | undefined;
      await withEngine(config, dataset, 1, async (engine) => {
        expected = await whole(engine);
      });
      await withEngine(config, dataset, threads, async (engine) => {
        const results = [await inParts(engine, 1, [1, 5, 5, 11]), await inParts(engine, 2, [4])];
        results.push(await engine.evaluate('test'));
        assert.equal({ hash: hashWeights(engine), results }, expected);
      });
    }),
  );
}

for (const optimizer of optimizers) {
  parts(`goes on in another engine, on another number of threads (${optimizer.type})`, () =>
    withNoise(async (dataset) => {
      let expected: Trained | undefined;
      await withEngine(configWith(optimizer), dataset, 2, async (engine) => {
        expected = await whole(engine);
      });
      for (let stop = 0; stop <= steps; stop += optimizer.type === 'rmsprop' ? 5 : 1) {
        let done = nothingDone;
        let state: Float32Array[] = [];
        let slots: Float32Array[][] = [];
        await withEngine(configWith(optimizer), dataset, 2, async (engine) => {
          done = await engine.train(1, done, stop);
          state = engine.network.parameters.map((p) => engine.tensors.weight(p).slice());
          slots = engine.tensors.slots.map((slot) =>
            tensorsOf(slot, engine.network).map((w) => engine.tensors.slot(slot, w).slice()),
          );
        });
        await withEngine(configWith(optimizer), dataset, 3, async (engine) => {
          setWeights(engine, state);
          for (const [s, slot] of engine.tensors.slots.entries())
            for (const [i, w] of tensorsOf(slot, engine.network).entries())
              engine.tensors.slot(slot, w).set(slots[s]![i]!);
          const results = [await engine.train(1, done), await engine.train(2), await engine.evaluate('test')];
          assert.equal({ hash: hashWeights(engine), results }, expected, `stopped before step ${stop}`);
        });
      }
    }),
  );
}

parts('a halted phase ends after a whole step, and the next part goes on', () =>
  withNoise(async (dataset) => {
    let expected: Trained | undefined;
    await withEngine(config, dataset, 2, async (engine) => {
      expected = await whole(engine);
    });
    await withEngine(config, dataset, 2, async (engine) => {
      const halting = async (run: (done: PhaseResult) => Promise<PhaseResult>, all: number) => {
        let done = nothingDone;
        let halts = 0;
        while (done.steps < all) {
          const part = run(done);
          // Now and then; the last part is left to run to its end.
          if (halts++ < 20) engine.halt();
          done = await part;
        }
        return done;
      };
      const results = [
        await halting((done) => engine.train(1, done), steps),
        await halting((done) => engine.train(2, done), steps),
        await halting((done) => engine.evaluate('test', done), 1),
      ];
      assert.equal({ hash: hashWeights(engine), results }, expected);
    });
  }),
);

parts.run();
