import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hashWeights, setWeights } from '#lockstep/runs/weights.js';
import { chooseItemMicroBatches, cutBatch } from '#lockstep/runtime/batch.js';
import { layersConfig, noiseSamples, withDataset, withEngine } from '../support/engine-helpers.js';

/** A network so small that what is tested is the adding up, not the layers. */
const layers = [{ type: 'dense', outFeatures: 12 }, { type: 'tanh' }, { type: 'dense', outFeatures: 5 }];
const shape = [16];
const classes = 5;

/** Two epochs, and what came of them: the weights' hash and each epoch's loss. */
async function train(
  samples: number,
  batch: number,
  threads: number,
  { evaluations = false } = {},
): Promise<string[]> {
  const config = layersConfig(
    layers,
    `training.batchSize=${batch}`,
    'training.sampler=shuffled',
    'optimizer.momentum=0.9',
  );
  const done: string[] = [];
  await withDataset(noiseSamples(1, samples, 16, classes), shape, classes, (dataset) =>
    withEngine(config, dataset, threads, async (engine) => {
      for (const epoch of [1, 2]) {
        const { totals, steps } = await engine.train(epoch);
        assert.equal([totals.samples, steps], [samples, Math.ceil(samples / batch)]);
        done.push(`loss ${totals.loss}, ${totals.top1} and ${totals.top5} hits`);
        if (evaluations) await engine.evaluate('validation');
      }
      done.push(hashWeights(engine));
    }),
  );
  return done;
}

const same = suite('the same bits, weights and losses');

same('batches of 1000: sums within an item and above it (1, 2 and 3 threads)', async () => {
  const cuts = [1, 2, 3].map((threads) => cutBatch(1000, chooseItemMicroBatches(1000, threads)));
  assert.equal(
    cuts.map(({ items, itemMicroBatches }) => [items, itemMicroBatches]),
    [
      [1, 128],
      [4, 32],
      [8, 16],
    ],
    'the three do cut the batch in different ways',
  );
  const alone = await train(2100, 1000, 1);
  for (const threads of [2, 3]) assert.equal(await train(2100, 1000, threads), alone, `${threads} threads`);
});

for (const batch of [1, 7, 8, 9]) {
  same(`batches of ${batch} (1, 2 and 3 threads)`, async () => {
    const alone = await train(60, batch, 1);
    for (const threads of [2, 3]) assert.equal(await train(60, batch, threads), alone, `${threads} threads`);
  });
}

same('with an evaluation after each epoch', async () => {
  // More micro-batches than the evaluation's items, and fewer.
  for (const [samples, batch] of [
    [2100, 1000],
    [60, 7],
  ] as const) {
    const alone = await train(samples, batch, 1);
    for (const threads of [1, 3])
      assert.equal(await train(samples, batch, threads, { evaluations: true }), alone, `batch ${batch}`);
  }
});

same('an evaluation has the same loss at 1, 2 and 3 threads, and each time', async () => {
  await withDataset(noiseSamples(1, 2100, 16, classes), shape, classes, async (dataset) => {
    const losses = new Set<number>();
    for (const threads of [1, 2, 3]) {
      await withEngine(layersConfig(layers), dataset, threads, async (engine) => {
        for (let time = 0; time < 3; time++) {
          const { totals } = await engine.evaluate('test');
          assert.is(totals.samples, 2100);
          losses.add(totals.loss);
        }
      });
    }
    assert.is(losses.size, 1, [...losses].join());
  });
});

same('a phase begins with the weights that are there, also where layers keep them rearranged', async () => {
  const convolution = [{ type: 'conv2d', outChannels: 3, kernelSize: 2 }, { type: 'flatten' }, layers[2]!];
  const config = layersConfig(convolution);
  await withDataset(noiseSamples(1, 20, 16, classes), [1, 4, 4], classes, (dataset) =>
    withEngine(config, dataset, 2, async (engine) => {
      for (const epoch of [1, 2, 3]) {
        const weights = engine.network.parameters.map((p) => engine.tensors.weight(p).slice());
        const { loss } = (await engine.evaluate('test')).totals;
        await withEngine(config, dataset, 1, async (fresh) => {
          setWeights(fresh, weights);
          assert.is((await fresh.evaluate('test')).totals.loss, loss, `before epoch ${epoch}`);
          await Promise.all([engine.train(epoch), fresh.train(epoch)]);
          assert.is(hashWeights(engine), hashWeights(fresh), `epoch ${epoch}`);
        });
      }
    }),
  );
});

const other = suite('other bits');

other('with another size of batch', async () => {
  assert.is.not((await train(60, 8, 1)).at(-1), (await train(60, 9, 1)).at(-1));
});

same.run();
other.run();
