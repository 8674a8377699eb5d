import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sharedMemoryLimit } from '#lockstep/compile/memory-limit.js';
import { planMemory } from '#lockstep/compile/memory-plan.js';
import { layOut } from '#lockstep/compile/placement.js';
import { compileProgram } from '#lockstep/compile/program.js';
import { buildNetwork } from '#lockstep/graph/network.js';
import { chooseItemMicroBatches, cutBatch } from '#lockstep/runtime/batch.js';
import { modelConfig } from '../support/engine-helpers.js';

const cut = suite('the cut of a batch');

/** Calls `check` for every batch size and number of threads that a run on one machine may have. */
function forAll(check: (batch: number, threads: number, where: string) => void): void {
  for (let batch = 1; batch <= 600; batch++)
    for (let threads = 1; threads <= 64; threads++)
      check(batch, threads, `batch ${batch}, ${threads} threads`);
}

cut('an item is a power of two of micro-batches, and no larger than the batch needs', () => {
  forAll((batch, threads, where) => {
    const itemMicroBatches = chooseItemMicroBatches(batch, threads);
    const { microBatches } = cutBatch(batch, itemMicroBatches);
    assert.ok(Number.isSafeInteger(itemMicroBatches) && Number.isInteger(Math.log2(itemMicroBatches)), where);
    assert.ok(
      itemMicroBatches < 2 * microBatches,
      `${where}: items of ${itemMicroBatches} of ${microBatches} micro-batches`,
    );
  });
});

cut('one thread has one item', () => {
  for (let batch = 1; batch <= 600; batch++)
    assert.is(cutBatch(batch, chooseItemMicroBatches(batch, 1)).items, 1, `batch ${batch}`);
});

cut('several threads have two items each, where there are as many micro-batches', () => {
  forAll((batch, threads, where) => {
    if (threads === 1) return;
    const { microBatches, items } = cutBatch(batch, chooseItemMicroBatches(batch, threads));
    assert.ok(
      items >= Math.min(microBatches, 2 * threads),
      `${where}: ${items} items of ${microBatches} micro-batches`,
    );
  });
});

cut('items are as large as that allows', () => {
  forAll((batch, threads, where) => {
    const itemMicroBatches = chooseItemMicroBatches(batch, threads);
    const { microBatches, items } = cutBatch(batch, 2 * itemMicroBatches);
    const wanted = threads === 1 ? 1 : 2 * threads;
    assert.ok(
      items < wanted || itemMicroBatches >= microBatches,
      `${where}: items of ${itemMicroBatches} micro-batches`,
    );
  });
});

cut('items hold every micro-batch once', () => {
  forAll((batch, threads, where) => {
    const { microBatches, items, itemMicroBatches } = cutBatch(batch, chooseItemMicroBatches(batch, threads));
    assert.is(microBatches, Math.ceil(batch / 8), where);
    assert.ok(
      (items - 1) * itemMicroBatches < microBatches && items * itemMicroBatches >= microBatches,
      where,
    );
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
const limit = sharedMemoryLimit(2 ** 32, 1, 2 ** 32);
const configOf = (batchSize: number) =>
  ({
    training: { batchSize, sampler: 'shuffled', augmentation: {} },
    optimizer: modelConfig('lenet5').optimizer,
  }) as const;
const lenet = buildNetwork(modelConfig('lenet5').model.layers, picture.sampleShape);

plan('a second thread never takes less memory than one alone', () => {
  for (let batch = 1; batch <= 600; batch++) {
    const [one, two] = [1, 2].map(
      (threads) => planMemory(lenet, picture, configOf(batch), threads, limit).bytes,
    );
    assert.ok(one! <= two!, `batch ${batch}: ${one} bytes for one thread, ${two} for two`);
  }
});

plan('LeNet-5 at batch 8 and 16 threads takes less than 300 MB', () => {
  const { bytes } = planMemory(lenet, picture, configOf(8), 16, limit);
  assert.ok(bytes < 300e6, `${bytes} bytes`);
});

plan('each doubling of the mini-batch adds a buffer of sums a worker, and no activations', () => {
  for (const threads of [1, 2, 8]) {
    for (let batch = 128; batch <= 16384; batch *= 2) {
      const [half, whole] = [batch / 2, batch].map(
        (size) => planMemory(lenet, picture, configOf(size), threads, limit).bytes,
      );
      // Of each micro-batch there are a loss, a weight and hits: 32 bytes. Lines of 64 bytes for the rest.
      const most = threads * (lenet.bufferLength * 4 + 64) + 32 * (batch / 16) + 512 + 64 * 8 * threads;
      assert.ok(
        whole! - half! <= most,
        `batch ${batch}, ${threads} threads: ${whole! - half!} bytes more, not ${most}`,
      );
    }
  }
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
    const p = planMemory(lenet, picture, configOf(batch), threads, limit);
    const buffer = lenet.bufferLength * 4;
    const layout = layOut(lenet, compileProgram(lenet).training);
    const places: [at: number, bytes: number][] = [
      [p.nodes, p.nodeCount * 64],
      [p.totals, 64],
      [p.outcomes - 8, 8 + p.microBatches * 32],
      [p.classWeights, lenet.classes * 4],
      ...[p.parameters, ...p.slots, ...p.itemSums].map((at) => [at, buffer] as [number, number]),
      ...p.workers.flatMap((w) => w.partialSums.map((at) => [at, buffer] as [number, number])),
      ...p.workers.flatMap((w) =>
        [w.samples, w.samples + 32, w.losses, w.classesBefore].map((at) => [at, 32] as [number, number]),
      ),
      ...p.workers.map(({ memory }) => [memory, layout.workerBytes] as [number, number]),
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
    assert.is(p.itemSums.length, cutBatch(batch, p.itemMicroBatches).items);
    assert.ok(p.microBatches >= cutBatch(batch, 1).microBatches);
  }
});

cut.run();
plan.run();
