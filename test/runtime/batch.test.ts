import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { planMemory } from '#lockstep/compile/memory-plan.js';
import { buildNetwork } from '#lockstep/graph/network.js';
import { chooseItemShards, cutBatch } from '#lockstep/runtime/batch.js';
import { modelConfig } from '../support/engine-helpers.js';

const cut = suite('the cut of a batch');

/** Calls `check` for every batch size and number of threads that a run on one machine may have. */
function forAll(check: (batch: number, threads: number, where: string) => void): void {
  for (let batch = 1; batch <= 600; batch++)
    for (let threads = 1; threads <= 64; threads++)
      check(batch, threads, `batch ${batch}, ${threads} threads`);
}

cut('an item is a power of two of shards, and no larger than the batch needs', () => {
  forAll((batch, threads, where) => {
    const itemShards = chooseItemShards(batch, threads);
    const { shards } = cutBatch(batch, itemShards);
    assert.ok(Number.isSafeInteger(itemShards) && Number.isInteger(Math.log2(itemShards)), where);
    assert.ok(itemShards < 2 * shards, `${where}: items of ${itemShards} of ${shards} shards`);
  });
});

cut('one thread has one item', () => {
  for (let batch = 1; batch <= 600; batch++)
    assert.is(cutBatch(batch, chooseItemShards(batch, 1)).items, 1, `batch ${batch}`);
});

cut('several threads have two items each, where there are as many shards', () => {
  forAll((batch, threads, where) => {
    if (threads === 1) return;
    const { shards, items } = cutBatch(batch, chooseItemShards(batch, threads));
    assert.ok(items >= Math.min(shards, 2 * threads), `${where}: ${items} items of ${shards} shards`);
  });
});

cut('items are as large as that allows', () => {
  forAll((batch, threads, where) => {
    const itemShards = chooseItemShards(batch, threads);
    const { shards, items } = cutBatch(batch, 2 * itemShards);
    const wanted = threads === 1 ? 1 : 2 * threads;
    assert.ok(items < wanted || itemShards >= shards, `${where}: items of ${itemShards} shards`);
  });
});

cut('items hold every shard once', () => {
  forAll((batch, threads, where) => {
    const { shards, items, itemShards } = cutBatch(batch, chooseItemShards(batch, threads));
    assert.is(shards, Math.ceil(batch / 8), where);
    assert.ok((items - 1) * itemShards < shards && items * itemShards >= shards, where);
  });
});

const plan = suite('the memory plan');

const split = { samples: 100 };
const picture = {
  sampleType: 'uint8',
  sampleShape: [3, 32, 32],
  normalization: { mean: [0, 0, 0], deviation: [1, 1, 1] },
  splits: { train: split, validation: split, test: split },
} as const;
const configOf = (batchSize: number) =>
  ({
    training: { batchSize, sampler: 'shuffled', augmentation: {} },
    optimizer: { type: 'sgd' },
  }) as const;
const lenet = buildNetwork(modelConfig('lenet5').model.layers, picture.sampleShape);

plan('a second thread never takes less memory than one alone', () => {
  for (let batch = 1; batch <= 600; batch++) {
    const [one, two] = [1, 2].map(
      (threads) => planMemory(lenet, picture, configOf(batch), threads, 2 ** 32).bytes,
    );
    assert.ok(one! <= two!, `batch ${batch}: ${one} bytes for one thread, ${two} for two`);
  }
});

plan('LeNet-5 at batch 8 and 16 threads takes less than 300 MB', () => {
  const { bytes } = planMemory(lenet, picture, configOf(8), 16, 2 ** 32);
  assert.ok(bytes < 300e6, `${bytes} bytes`);
});

plan('no two places overlap, for batches and threads of all kinds', () => {
  for (const [batch, threads] of [
    [1, 1],
    [8, 16],
    [64, 1],
    [100, 3],
    [1000, 1],
    [1000, 4],
  ] as const) {
    const p = planMemory(lenet, picture, configOf(batch), threads, 2 ** 32);
    const buffer = lenet.bufferLength * 4;
    const places: [at: number, bytes: number][] = [
      [p.nodes, p.nodeCount * 64],
      [p.totals, 64],
      [p.shardLoss, p.shards * 8],
      [p.shardWeight, p.shards * 8],
      [p.classWeights, lenet.classes * 4],
      [p.shardTop1, p.shards * 4],
      [p.shardTop5, p.shards * 4],
      ...[p.parameters, ...p.slots, ...p.itemGradients].map((at) => [at, buffer] as [number, number]),
      ...p.workers.flatMap((w) => w.partialSums.map((at) => [at, buffer] as [number, number])),
      ...p.workers.flatMap((w) =>
        [
          w.samples,
          w.samples + 32,
          w.targets.labels,
          w.targets.partners,
          w.targets.shares,
          w.losses,
          w.ranks,
        ].map((at) => [at, 32] as [number, number]),
      ),
      ...Object.values(p.splits).flatMap(({ samples, labels }): [number, number][] => [
        [samples, 100 * 3072],
        [labels, 400],
      ]),
    ];
    places.sort(([a], [b]) => a - b);
    places.forEach(([at, bytes], i) => {
      const end = places[i + 1]?.[0] ?? p.bytes;
      assert.ok(
        at + bytes <= end,
        `batch ${batch}, ${threads} threads: ${bytes} bytes at ${at} reach ${end}`,
      );
    });
    assert.is(p.itemGradients.length, cutBatch(batch, p.itemShards).items);
    assert.ok(p.shards >= cutBatch(batch, 1).shards);
  }
});

cut.run();
plan.run();
