import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Arena } from '#lockstep/compile/arena.js';
import type { MemoryPlan } from '#lockstep/compile/memory-plan.js';
import { instantiateKernels } from '#lockstep/kernels/kernels.js';
import { hash } from '#lockstep/numerics/random.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import { AllReduce } from '#lockstep/runtime/allreduce.js';
import { cutBatch } from '#lockstep/runtime/batch.js';
import { runItem } from '#lockstep/runtime/item.js';

/** The tree is run on one thread, over micro-batches whose sums are known, and depend on the order of adding. */

const length = 16;
const noSums = { gradients: 0, gradientCount: 0, statistics: 0, statisticCount: 0 };
const mostMicroBatches = 40;

/** The tree's part of a memory plan. */
function planOf(items: number, itemMicroBatches: number): MemoryPlan {
  const arena = new Arena();
  const buffers = (count: number) => Array.from({ length: count }, () => arena.take(length * 4));
  const nodeCount = 2 * items + 1;
  const plan = {
    nodes: arena.take(nodeCount * 64),
    nodeCount,
    itemSums: buffers(items),
    workers: [{ partialSums: buffers(Math.max(0, Math.log2(itemMicroBatches) - 1)) }],
    bytes: arena.size,
  };
  return plan as unknown as MemoryPlan;
}

/** A microBatch's gradient in step `step`: both signs, sizes from 2^-6 to 2^5. */
const gradientOf = (step: number, microBatch: number): Float32Array =>
  Float32Array.from(
    { length },
    (_, i) => (hash(step, microBatch, i) / 2 ** 31 - 1) * 2 ** ((hash(step, i, microBatch) % 12) - 6),
  );

/** The definition, from `batch.ts`: a node's sum is that of its halves; without a right half it is the left one's. */
function pairwise(vectors: readonly Float32Array[], first: number, size: number): Float32Array {
  if (size === 1) return vectors[first]!;
  const left = pairwise(vectors, first, size / 2);
  if (first + size / 2 >= vectors.length) return left;
  const right = pairwise(vectors, first + size / 2, size / 2);
  return left.map((value, i) => value + right[i]!);
}

const inOrder = (vectors: readonly Float32Array[]) =>
  vectors.reduce((sum, vector) => sum.map((value, i) => value + vector[i]!));

function shuffled(count: number, seed: number): number[] {
  const keys = Array.from({ length: count }, (_, i) => [hash(seed, i), i] as const);
  return keys.sort(([a], [b]) => a - b).map(([, i]) => i);
}

const memory = createSharedMemory(1 << 20);
const kernels = instantiateKernels(compileKernels().kernels, memory);
const floats = new Float32Array(memory.buffer);

/** One step: every item in the order given. Returns which micro-batches were run, and which arrivals completed the sums. */
function takeStep(
  plan: MemoryPlan,
  tree: AllReduce,
  {
    samples,
    itemMicroBatches,
    step,
    training,
  }: { samples: number; itemMicroBatches: number; step: number; training: boolean },
): { runs: number[]; atRoot: boolean[] } {
  const cut = cutBatch(samples, itemMicroBatches);
  const runs: number[] = [];
  const run = (microBatch: number, buffer: number, accumulate: 0 | 1) => {
    runs.push(microBatch);
    if (!training) return;
    const gradient = gradientOf(step, microBatch);
    for (let i = 0; i < length; i++)
      floats[buffer / 4 + i] = (accumulate === 1 ? floats[buffer / 4 + i]! : 0) + gradient[i]!;
  };
  const range = { gradients: 0, gradientCount: training ? length : 0, statistics: 0, statisticCount: 0 };
  const { partialSums } = plan.workers[0]!;
  const atRoot = shuffled(cut.items, step * 64 + itemMicroBatches).map((item) => {
    runItem(run, cut, item, { kernels, sums: plan.itemSums[item]!, partialSums, range });
    return tree.arrive(item, cut, range);
  });
  assert.is(plan.itemSums.length >= cut.items, true);
  return { runs, atRoot };
}

function forAll(
  check: (
    microBatches: number,
    itemMicroBatches: number,
    plan: MemoryPlan,
    tree: AllReduce,
    where: string,
  ) => void,
): void {
  for (let microBatches = 1; microBatches <= mostMicroBatches; microBatches++) {
    for (const itemMicroBatches of [1, 2, 4, 8, 16]) {
      const plan = planOf(Math.ceil(microBatches / itemMicroBatches), itemMicroBatches);
      assert.ok(plan.bytes <= memory.buffer.byteLength);
      floats.fill(Number.NaN); // a buffer that is read before it is written shows
      AllReduce.reset(memory.buffer, plan);
      const tree = new AllReduce(kernels, memory.buffer, plan);
      check(
        microBatches,
        itemMicroBatches,
        plan,
        tree,
        `${microBatches} micro-batches, items of ${itemMicroBatches}`,
      );
    }
  }
}

test('the sum is the pairwise one over the micro-batches, bit for bit, whatever the items and their order', () => {
  forAll((microBatches, itemMicroBatches, plan, tree, where) => {
    for (const step of [1, 2, 3]) {
      takeStep(plan, tree, { samples: microBatches * 8, itemMicroBatches, step, training: true });
      const vectors = Array.from({ length: microBatches }, (_, microBatch) => gradientOf(step, microBatch));
      const expected = pairwise(vectors, 0, 64);
      const root = plan.itemSums[0]! / 4;
      assert.equal(floats.slice(root, root + length), expected, `${where}, step ${step}`);
    }
  });
});

test('and these sums would tell another order', () => {
  for (const microBatches of [4, 7, 40]) {
    const vectors = Array.from({ length: microBatches }, (_, microBatch) => gradientOf(1, microBatch));
    assert.not.equal(inOrder(vectors), pairwise(vectors, 0, 64));
  }
});

test('every micro-batch is run once', () => {
  forAll((microBatches, itemMicroBatches, plan, tree, where) => {
    for (const missing of [0, 1, 7]) {
      const samples = microBatches * 8 - missing;
      const { runs } = takeStep(plan, tree, { samples, itemMicroBatches, step: 1, training: true });
      const expected = Array.from({ length: microBatches }, (_, i) => i);
      assert.equal(
        runs.sort((a, b) => a - b),
        expected,
        where,
      );
    }
  });
});

test('the last item to finish reaches the root, and no other', () => {
  forAll((microBatches, itemMicroBatches, plan, tree, where) => {
    for (const training of [true, false]) {
      const { atRoot } = takeStep(plan, tree, {
        samples: microBatches * 8,
        itemMicroBatches,
        step: 5,
        training,
      });
      assert.equal(atRoot, [...Array(atRoot.length - 1).fill(false), true], where);
    }
  });
});

test('a last batch with fewer items than the others, and the next epoch after it', () => {
  const plan = planOf(20, 2);
  AllReduce.reset(memory.buffer, plan);
  const tree = new AllReduce(kernels, memory.buffer, plan);
  for (const [step, microBatches] of [40, 3, 40, 1, 5, 17, 40].entries()) {
    const { atRoot } = takeStep(plan, tree, {
      samples: microBatches * 8,
      itemMicroBatches: 2,
      step,
      training: true,
    });
    const vectors = Array.from({ length: microBatches }, (_, microBatch) => gradientOf(step, microBatch));
    const root = plan.itemSums[0]! / 4;
    assert.equal(floats.slice(root, root + length), pairwise(vectors, 0, 64), `step ${step}`);
    assert.is(atRoot.filter(Boolean).length, 1);
  }
});

test('an evaluation adds nothing', () => {
  const plan = planOf(20, 2);
  AllReduce.reset(memory.buffer, plan);
  const tree = new AllReduce(kernels, memory.buffer, plan);
  for (const at of plan.itemSums) floats.fill(1, at / 4, at / 4 + length);
  takeStep(plan, tree, { samples: 320, itemMicroBatches: 2, step: 1, training: false });
  for (const at of plan.itemSums)
    assert.equal(floats.slice(at / 4, at / 4 + length), new Float32Array(length).fill(1));
});

test('a reset forgets the counters of a phase that was cancelled', () => {
  const plan = planOf(3, 1);
  AllReduce.reset(memory.buffer, plan);
  const tree = new AllReduce(kernels, memory.buffer, plan);
  const cut = cutBatch(24, 1);
  assert.is(tree.arrive(0, cut, noSums), false);
  AllReduce.reset(memory.buffer, plan);
  assert.equal(
    [1, 2, 0].map((item) => tree.arrive(item, cut, noSums)),
    [false, false, true],
  );
});

test.run();
