import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Arena } from '#lockstep/compile/arena.js';
import type { MemoryPlan } from '#lockstep/compile/memory-plan.js';
import { instantiateKernels } from '#lockstep/kernels/kernels.js';
import { hash } from '#lockstep/numerics/random.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import { ReductionTree } from '#lockstep/runtime/allreduce.js';
import { cutBatch } from '#lockstep/runtime/batch.js';
import type { ShardRunner } from '#lockstep/runtime/micro-batch.js';

/** The tree is run on one thread, over a runner that writes vectors that are known, and whose sum depends on the order of adding. */

const length = 16;
const maxShards = 40;
const position = 1000;

/** The tree's part of a memory plan. */
function planOf(items: number, itemShards: number): MemoryPlan {
  const arena = new Arena();
  const buffers = (count: number) => Array.from({ length: count }, () => arena.take(length * 4));
  const nodeCount = 2 * items;
  const plan = {
    nodes: arena.take(nodeCount * 64),
    nodeCount,
    itemGradients: buffers(items),
    workers: [{ partialSums: buffers(Math.max(0, Math.log2(itemShards) - 1)) }],
    bytes: arena.size,
  };
  return plan as unknown as MemoryPlan;
}

/** A shard's gradient in step `step`: both signs, sizes from 2^-6 to 2^5. */
const gradientOf = (step: number, shard: number): Float32Array =>
  Float32Array.from(
    { length },
    (_, i) => (hash(step, shard, i) / 2 ** 31 - 1) * 2 ** ((hash(step, i, shard) % 12) - 6),
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

interface Run {
  readonly position: number;
  readonly samples: number;
  readonly shard: number;
}

/** One step: every item in the order given. Returns what the runner was asked for, and which climbs reached the root. */
function takeStep(
  plan: MemoryPlan,
  tree: ReductionTree,
  {
    samples,
    itemShards,
    step,
    training,
  }: { samples: number; itemShards: number; step: number; training: boolean },
): { runs: Run[]; atRoot: boolean[] } {
  const cut = cutBatch(samples, itemShards);
  const runs: Run[] = [];
  const runner = {
    run(at: number, count: number, shard: number, buffer: number, accumulate: 0 | 1) {
      runs.push({ position: at, samples: count, shard });
      if (!training) return;
      const gradient = gradientOf(step, shard);
      for (let i = 0; i < length; i++)
        floats[buffer / 4 + i] = (accumulate === 1 ? floats[buffer / 4 + i]! : 0) + gradient[i]!;
    },
  } as unknown as ShardRunner;
  const atRoot = shuffled(cut.items, step * 64 + itemShards).map((item) => {
    tree.runItem(runner, cut, item, position, samples);
    return tree.climb(item, cut.items, training);
  });
  assert.is(plan.itemGradients.length >= cut.items, true);
  return { runs, atRoot };
}

function forAll(
  check: (shards: number, itemShards: number, plan: MemoryPlan, tree: ReductionTree, where: string) => void,
): void {
  for (let shards = 1; shards <= maxShards; shards++) {
    for (const itemShards of [1, 2, 4, 8, 16]) {
      const plan = planOf(Math.ceil(shards / itemShards), itemShards);
      assert.ok(plan.bytes <= memory.buffer.byteLength);
      floats.fill(Number.NaN); // a buffer that is read before it is written shows
      ReductionTree.reset(memory.buffer, plan);
      const tree = new ReductionTree(kernels, memory.buffer, plan, length, 0);
      check(shards, itemShards, plan, tree, `${shards} shards, items of ${itemShards}`);
    }
  }
}

test('the sum is the pairwise one over the shards, bit for bit, whatever the items and their order', () => {
  forAll((shards, itemShards, plan, tree, where) => {
    for (const step of [1, 2, 3]) {
      takeStep(plan, tree, { samples: shards * 8, itemShards, step, training: true });
      const vectors = Array.from({ length: shards }, (_, shard) => gradientOf(step, shard));
      const expected = pairwise(vectors, 0, 64);
      const root = plan.itemGradients[0]! / 4;
      assert.equal(floats.slice(root, root + length), expected, `${where}, step ${step}`);
    }
  });
});

test('and these sums would tell another order', () => {
  for (const shards of [4, 7, 40]) {
    const vectors = Array.from({ length: shards }, (_, shard) => gradientOf(1, shard));
    assert.not.equal(inOrder(vectors), pairwise(vectors, 0, 64));
  }
});

test('every shard is run once, with its own samples; only the last may have fewer than 8', () => {
  forAll((shards, itemShards, plan, tree, where) => {
    for (const missing of [0, 1, 7]) {
      const samples = shards * 8 - missing;
      const { runs } = takeStep(plan, tree, { samples, itemShards, step: 1, training: true });
      runs.sort((a, b) => a.shard - b.shard);
      const expected = Array.from({ length: shards }, (_, shard) => ({
        position: position + shard * 8,
        samples: shard === shards - 1 ? 8 - missing : 8,
        shard,
      }));
      assert.equal(runs, expected, where);
    }
  });
});

test('the last item to finish reaches the root, and no other', () => {
  forAll((shards, itemShards, plan, tree, where) => {
    for (const training of [true, false]) {
      const { atRoot } = takeStep(plan, tree, { samples: shards * 8, itemShards, step: 5, training });
      assert.equal(atRoot, [...Array(atRoot.length - 1).fill(false), true], where);
    }
  });
});

test('a last batch with fewer items than the others, and the next epoch after it', () => {
  const plan = planOf(20, 2);
  ReductionTree.reset(memory.buffer, plan);
  const tree = new ReductionTree(kernels, memory.buffer, plan, length, 0);
  for (const [step, shards] of [40, 3, 40, 1, 5, 17, 40].entries()) {
    const { atRoot } = takeStep(plan, tree, { samples: shards * 8, itemShards: 2, step, training: true });
    const vectors = Array.from({ length: shards }, (_, shard) => gradientOf(step, shard));
    const root = plan.itemGradients[0]! / 4;
    assert.equal(floats.slice(root, root + length), pairwise(vectors, 0, 64), `step ${step}`);
    assert.is(atRoot.filter(Boolean).length, 1);
  }
});

test('an evaluation adds nothing', () => {
  const plan = planOf(20, 2);
  ReductionTree.reset(memory.buffer, plan);
  const tree = new ReductionTree(kernels, memory.buffer, plan, length, 0);
  for (const at of plan.itemGradients) floats.fill(1, at / 4, at / 4 + length);
  takeStep(plan, tree, { samples: 320, itemShards: 2, step: 1, training: false });
  for (const at of plan.itemGradients)
    assert.equal(floats.slice(at / 4, at / 4 + length), new Float32Array(length).fill(1));
});

test('a reset forgets the counters of a phase that was called off', () => {
  const plan = planOf(3, 1);
  ReductionTree.reset(memory.buffer, plan);
  const tree = new ReductionTree(kernels, memory.buffer, plan, length, 0);
  assert.is(tree.climb(0, 3, false), false);
  ReductionTree.reset(memory.buffer, plan);
  assert.equal(
    [1, 2, 0].map((item) => tree.climb(item, 3, false)),
    [false, false, true],
  );
});

test.run();
