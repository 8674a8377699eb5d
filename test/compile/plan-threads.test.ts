import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryWith } from '#lockstep/compile/memory-limit.js';
import { planThreads } from '#lockstep/compile/plan-threads.js';
import { ExitCode, type UserError } from '#lockstep/errors.js';
import { buildNetwork } from '#lockstep/graph/network.js';
import { NodeEngine } from '#lockstep/platform/node-engine.js';
import { hashWeights } from '#lockstep/runs/weights.js';
import { layersConfig, withDataset } from '../support/engine-helpers.js';

const planning = suite('threads that there is memory for');

const MiB = 2 ** 20;
const splits = { train: { samples: 1000 }, validation: { samples: 100 }, test: { samples: 100 } };
const stored = { splits, sampleType: 'uint8', sampleShape: [3, 32, 32] } as const;

/** The threads that are planned for a perceptron, batch 256. */
function plannedOf([hidden, outputs]: readonly [number, number], threads: number, sharedBytes?: number) {
  const machine = 64 * 1024 * MiB;
  const config = layersConfig(
    [
      { type: 'flatten' },
      { type: 'dense', outFeatures: hidden },
      { type: 'relu' },
      { type: 'dense', outFeatures: outputs },
    ],
    'training.batchSize=256',
  );
  const network = buildNetwork(config.model.layers, stored.sampleShape);
  const { plan, ...planned } = planThreads(network, stored, config, { threads, sharedBytes, machine });
  assert.ok(plan.bytes <= 2 ** 32);
  assert.is(plan.workers.length, planned.threads);
  return planned.threads;
}

planning('a network of 71 million parameters starts at any number of threads', () => {
  const large = [23_000, 10] as const;
  for (const threads of [1, 2, 3, 4]) assert.is(plannedOf(large, threads), threads);
  for (const threads of [8, 16, 64]) {
    const planned = plannedOf(large, threads);
    assert.ok(planned >= 4 && planned < 8, `${planned} of ${threads}`);
  }
  assert.is(plannedOf([100, 10], 64), 64);
});

planning('with --memory too', () => {
  const memory = memoryWith(600 * MiB, 1);
  for (const threads of [1, 2, 8, 32]) {
    const sharedBytes = memory - memoryWith(0, threads);
    assert.ok(plannedOf([4000, 10], threads, sharedBytes) <= threads, `${threads} threads`);
  }
});

planning('what is too large for one thread is refused at any number', () => {
  for (const threads of [1, 8]) {
    assert.throws(
      () => plannedOf([43_000, 3000], threads),
      (error: UserError) => error.exitCode === ExitCode.usage && /4096 MiB is the limit/.test(error.message),
    );
  }
});

planning('an engine with fewer threads than were asked for gives the same bits', async () => {
  const layers = [
    { type: 'flatten' },
    { type: 'dense', outFeatures: 2000 },
    { type: 'relu' },
    { type: 'dense', outFeatures: 2 },
  ];
  const config = layersConfig(layers, 'training.batchSize=64');
  const samples = {
    values: Uint8Array.from({ length: 128 * 48 }, (_, i) => (i * 7919) % 251),
    labels: Int32Array.from({ length: 128 }, (_, i) => i % 2),
  };
  const trained: string[] = [];
  await withDataset(samples, [3, 4, 4], 2, async (dataset) => {
    for (const [threads, planned] of [
      [1, 1],
      [8, 7],
    ] as const) {
      const engine = new NodeEngine(config, dataset, { threads, sharedBytes: 5 * MiB });
      try {
        assert.is(engine.threads, planned);
        await engine.train(1);
        trained.push(hashWeights(engine));
      } finally {
        await engine.close();
      }
    }
  });
  assert.is(trained[0], trained[1]);
});

planning.run();
