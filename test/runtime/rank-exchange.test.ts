import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Arena } from '#lockstep/compile/arena.js';
import type { MemoryPlan } from '#lockstep/compile/memory-plan.js';
import { instantiateKernels } from '#lockstep/kernels/kernels.js';
import { hash } from '#lockstep/numerics/random.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import { AllReduce } from '#lockstep/runtime/allreduce.js';
import { cutBatch, firstItemOf, ownItems, treeTop } from '#lockstep/runtime/batch.js';
import { outcomeBytes } from '#lockstep/runtime/metrics.js';
import { RankExchange } from '#lockstep/runtime/rank-exchange.js';
import { receivedBytes, sliceOf } from '#lockstep/runtime/slices.js';
import type { Message, Transport } from '#lockstep/runtime/transport.js';

const shares = suite('how the tree is shared out among ranks');
const test = suite('all-reduce among ranks');

const memory = createSharedMemory(1 << 24);
const kernels = instantiateKernels(compileKernels().kernels, memory);
const bytes = new Uint8Array(memory.buffer);
const floats = new Float32Array(memory.buffer);
const doubles = new Float64Array(memory.buffer);

shares('every item has one rank, in order; none has more than one item more than another', () => {
  for (let items = 0; items <= 70; items++) {
    for (const ranks of [1, 2, 3, 5, 8, 64, 100]) {
      const counts = Array.from(
        { length: ranks },
        (_, rank) => firstItemOf(rank + 1, ranks, items) - firstItemOf(rank, ranks, items),
      );
      assert.is(
        counts.reduce((a, b) => a + b, 0),
        items,
      );
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1);
      if (items > 0) assert.ok(counts[0]! > 0);
    }
  }
});

shares('subtrees follow each other, are whole nodes of the tree, and belong to one rank', () => {
  for (let items = 1; items <= 70; items++) {
    for (const ranks of [1, 2, 3, 5, 8, 64, 100]) {
      const { subtrees, additions } = treeTop(items, ranks);
      let next = 0;
      for (const { rank, first, span } of subtrees) {
        assert.is(first, next);
        assert.is(first % span, 0);
        next = Math.min(first + span, items);
        assert.ok(firstItemOf(rank, ranks, items) <= first && next <= firstItemOf(rank + 1, ranks, items));
      }
      assert.is(next, items);
      assert.is(additions.length, subtrees.length - 1);
    }
  }
});

shares('a power of two ranks has one subtree each', () => {
  assert.is(treeTop(64, 16).subtrees.length, 16);
});

shares('slices have all values, each once', () => {
  for (const count of [1, 16, 5000, 62006])
    for (const ranks of [3, 7, 64]) {
      const slices = Array.from({ length: ranks }, (_, rank) => sliceOf(rank, ranks, count));
      assert.is(slices[0]!.begin, 0);
      assert.is(slices.at(-1)!.end, count);
      for (const [i, { begin }] of slices.entries()) if (i > 0) assert.is(begin, slices[i - 1]!.end);
    }
});

/** Messages between ranks that are all on this thread. */
class Post {
  readonly #letters = new Map<string, Uint8Array[]>();
  sent = 0;

  transport(rank: number, size: number): Transport {
    return { rank, size, bind: (messages) => this.#bind(rank, messages) };
  }

  #bind(rank: number, messages: readonly Message[]) {
    const box = (from: number, to: number, tag: number) => {
      const name = `${from} ${to} ${tag}`;
      if (!this.#letters.has(name)) this.#letters.set(name, []);
      return this.#letters.get(name)!;
    };
    let open: Message[] = [];
    return {
      start: () => {
        for (const { kind, peer, tag, address, bytes: length } of messages) {
          if (kind !== 'send') continue;
          box(rank, peer, tag).push(bytes.slice(address, address + length));
          this.sent += length;
        }
        open = messages.filter(({ kind }) => kind === 'receive');
      },
      done: () => {
        open = open.filter(({ peer, tag, address, bytes: length }) => {
          const letter = box(peer, rank, tag).shift();
          if (letter === undefined) return true;
          assert.is(letter.length, length);
          bytes.set(letter, address);
          return false;
        });
        return open.length === 0;
      },
      missing: () => [...new Set(open.map(({ peer }) => peer))],
    };
  }

  get isEmpty(): boolean {
    return [...this.#letters.values()].every((letters) => letters.length === 0);
  }
}

/** A rank's part of a memory plan. */
function planOf(arena: Arena, rank: number, ranks: number, microBatches: number, range: Range): MemoryPlan {
  const sumBytes = range.statistics + range.statisticCount * 8;
  const buffers = (count: number, size: number) => Array.from({ length: count }, () => arena.take(size));
  const itemSums = buffers(Math.ceil(microBatches / ranks), sumBytes);
  const nodeCount = 2 * microBatches + 1;
  const plan = {
    itemSums,
    root: rank === 0 ? itemSums[0]! : arena.take(sumBytes),
    outcomes: arena.take(8 + microBatches * outcomeBytes) + 8,
    rankWaits: arena.take(ranks * 8),
    nodes: arena.take(nodeCount * 64),
    nodeCount,
    microBatches,
  };
  return plan as unknown as MemoryPlan;
}

interface Range {
  gradients: number;
  gradientCount: number;
  statistics: number;
  statisticCount: number;
}

/** Both signs, sizes from 2^-6 to 2^5. */
const value = (microBatch: number, i: number): number =>
  (hash(microBatch, i) / 2 ** 31 - 1) * 2 ** ((hash(i, microBatch) % 12) - 6);

/** The definition, from `batch.ts`. */
function pairwise(
  of: (microBatch: number) => number,
  count: number,
  first: number,
  size: number,
  round: (x: number) => number,
): number {
  if (size === 1) return round(of(first));
  const left = pairwise(of, count, first, size / 2, round);
  if (first + size / 2 >= count) return left;
  return round(left + pairwise(of, count, first + size / 2, size / 2, round));
}

function exchange(ranks: number, microBatches: number, range: Range): void {
  const where = `${ranks} ranks, ${microBatches} micro-batches, ${range.gradientCount} gradients`;
  const arena = new Arena();
  const plans = Array.from({ length: ranks }, (_, rank) => planOf(arena, rank, ranks, microBatches, range));
  const post = new Post();
  const cuts = plans.map((_, rank) => cutBatch(microBatches * 8, 1, { rank, ranks }));
  const received = plans.map(() =>
    treeTop(microBatches, ranks).subtrees.map(() => arena.take(receivedBytes(range, ranks))),
  );
  const exchanges = plans.map((plan, rank) => {
    const transport = post.transport(rank, ranks);
    return new RankExchange(transport, kernels, plan, {
      cut: cuts[rank]!,
      range,
      received: received[rank]!,
      when: 'outcomes',
    });
  });
  assert.ok(arena.size <= memory.buffer.byteLength);
  floats.fill(Number.NaN, 0, arena.size / 4);
  for (const [rank, plan] of plans.entries()) {
    AllReduce.reset(memory.buffer, plan);
    const tree = new AllReduce(kernels, memory.buffer, plan);
    const cut = cuts[rank]!;
    doubles[plan.outcomes / 8 - 1] = rank === 0 ? 1 : 0;
    for (let item = cut.firstItem; item < cut.endItem; item++) {
      const at = plan.itemSums[item - cut.firstItem]!;
      for (let i = 0; i < range.gradientCount; i++) floats[(at + range.gradients) / 4 + i] = value(item, i);
      for (let i = 0; i < range.statisticCount; i++)
        doubles[(at + range.statistics) / 8 + i] = value(item, i);
      doubles.fill(item, plan.outcomes / 8 + item * 4, plan.outcomes / 8 + item * 4 + 4);
      assert.is(tree.arrive(item, cut, range), item === cut.endItem - 1, `${where}, item ${item}`);
    }
    assert.is(ownItems(cut) === 0, cut.subtrees === 0);
    exchanges[rank]!.start();
  }
  for (let round = 0; round < 3; round++) for (const each of exchanges) each.done();
  for (const [rank, each] of exchanges.entries()) {
    assert.is(each.done(), true, `${where}: rank ${rank} misses ${each.missing()}`);
    const { root, outcomes } = plans[rank]!;
    const size = 2 ** Math.ceil(Math.log2(microBatches));
    const step = Math.max(1, Math.floor(range.gradientCount / 50));
    for (let i = 0; i < range.gradientCount; i += step) {
      const expected = pairwise((m) => value(m, i), microBatches, 0, size, Math.fround);
      assert.is(floats[(root + range.gradients) / 4 + i], expected, `${where}: rank ${rank}, gradient ${i}`);
    }
    for (let i = 0; i < range.statisticCount; i++) {
      const expected = pairwise(
        (m) => value(m, i),
        microBatches,
        0,
        size,
        (x) => x,
      );
      assert.is(
        doubles[(root + range.statistics) / 8 + i],
        expected,
        `${where}: rank ${rank}, statistic ${i}`,
      );
    }
    assert.is(doubles[outcomes / 8 - 1], 1, 'the word of rank 0');
    for (let m = 0; m < microBatches; m++)
      assert.is(doubles[outcomes / 8 + m * 4 + 3], m, `${where}: outcome ${m}`);
  }
  assert.ok(post.isEmpty);
}

const gradients = (gradientCount: number): Range => {
  const statistics = Math.ceil((gradientCount * 4 + 64) / 64) * 64;
  return { gradients: 64, gradientCount, statistics, statisticCount: 0 };
};

test('gradients: the sum over the fixed tree on every rank, bit for bit, at any number of ranks and micro-batches', () => {
  for (const ranks of [2, 3, 4, 5, 7, 8, 17, 64])
    for (let microBatches = 1; microBatches <= 40; microBatches++)
      exchange(ranks, microBatches, gradients(20));
});

test('many gradients, added in slices', () => {
  for (const ranks of [2, 3, 4, 5, 8])
    for (const microBatches of [1, 3, 8, 13]) exchange(ranks, microBatches, gradients(4111));
});

test('batch statistics, in float64', () => {
  const range = { gradients: 0, gradientCount: 0, statistics: 128, statisticCount: 6 };
  for (const ranks of [2, 3, 8, 11])
    for (const microBatches of [1, 2, 8, 9, 31]) exchange(ranks, microBatches, range);
});

shares.run();
test.run();
