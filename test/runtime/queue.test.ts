import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { queueWords, WorkQueue } from '#lockstep/runtime/queue.js';

/** The queue words under real threads: each runs this file again, and ends up in `serve`. */
interface Setup {
  readonly buffer: SharedArrayBuffer;
  readonly threads: number;
  readonly cores: number;
  readonly steps: number;
  readonly items: number;
  /** What an item takes, ms. */
  readonly itemTime: number;
  /** Call the phase off at this item; -1 never. */
  readonly cancelAt: number;
}

/** After the queue words: how often each item was taken, items done of each step, items of each thread. */
function viewsOf({ buffer, threads, cores, steps, items }: Setup) {
  const queue = new WorkQueue(buffer, 0, threads, cores);
  const words = new Int32Array(buffer, queueWords * 4);
  return {
    queue,
    taken: words.subarray(0, steps * items),
    done: words.subarray(steps * items, steps * items + steps),
    shares: words.subarray(steps * items + steps),
  };
}

function work(setup: Setup, rank: number, item: number): void {
  const { queue, taken, done, shares } = viewsOf(setup);
  for (const end = performance.now() + setup.itemTime; performance.now() < end; );
  Atomics.add(taken, item, 1);
  Atomics.add(shares, rank, 1);
  if (item === setup.cancelAt) queue.cancel();
  else if (Atomics.add(done, Math.floor(item / setup.items), 1) === setup.items - 1) queue.finishStage();
}

function serve({ setup, rank }: { setup: Setup; rank: number }): void {
  const { queue } = viewsOf(setup);
  parentPort!.postMessage('ready');
  for (let item = queue.take(); item >= 0; item = queue.take()) work(setup, rank, item);
}

function prepare(options: Omit<Setup, 'buffer' | 'itemTime' | 'cancelAt'> & Partial<Setup>): Setup {
  const { steps, items, threads } = options;
  const buffer = new SharedArrayBuffer(4 * (queueWords + steps * items + steps + threads));
  return { itemTime: 0, cancelAt: -1, ...options, buffer };
}

/** Starts every rank but 0, which is this thread; all are about to take. */
async function start(setup: Setup): Promise<Promise<unknown>[]> {
  const workers = Array.from(
    { length: setup.threads - 1 },
    (_, i) => new Worker(new URL(import.meta.url), { workerData: { setup, rank: i + 1 } }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  return workers.map((worker) => once(worker, 'exit'));
}

/** What `coordinate` does, without its arithmetic. Returns the steps that were done. */
function lead(setup: Setup): number {
  const { queue } = viewsOf(setup);
  let step = 0;
  for (; step < setup.steps; step++) {
    queue.open(setup.items);
    for (let item = queue.tryTake(); item >= 0; item = queue.tryTake()) work(setup, 0, item);
    if (!queue.awaitStages(step + 1)) break;
  }
  queue.end();
  return step;
}

const alone = suite('queue words, on one thread');

const fresh = () => new WorkQueue(new SharedArrayBuffer(queueWords * 4), 0, 1, 1);

alone('items count on from step to step, and none is there before its step opens', () => {
  const queue = fresh();
  assert.is(queue.tryTake(), -1);
  queue.open(2);
  assert.equal([queue.tryTake(), queue.tryTake(), queue.tryTake()], [0, 1, -1]);
  queue.open(1);
  assert.equal([queue.take(), queue.tryTake()], [2, -1]);
});

alone('a step is awaited only until it is done', () => {
  const queue = fresh();
  assert.is(queue.awaitStages(0), true);
  queue.finishStage();
  assert.is(queue.awaitStages(1), true);
});

alone('after the end, items that are open are still handed out, then -1', () => {
  const queue = fresh();
  queue.open(1);
  queue.end();
  assert.equal([queue.take(), queue.take()], [0, -1]);
  assert.is(queue.isCancelled, false);
});

alone('a phase that is cancelled hands nothing out, keeps nobody waiting, and does not end well', () => {
  const queue = fresh();
  queue.open(3);
  assert.is(queue.tryTake(), 0);
  queue.cancel();
  assert.equal([queue.tryTake(), queue.take()], [-1, -1]);
  assert.is(queue.awaitStages(1), false);
  queue.end();
  assert.is(queue.isCancelled, true);
});

alone('a reset begins anew', () => {
  const queue = fresh();
  queue.open(3);
  queue.tryTake();
  queue.cancel();
  queue.reset();
  assert.is(queue.isCancelled, false);
  assert.is(queue.tryTake(), -1);
  queue.open(1);
  assert.is(queue.take(), 0);
});

const together = suite('queue words, on several threads');

for (const [threads, cores, steps, items, itemTime] of [
  [2, 2, 2000, 6, 0],
  [3, 4, 1000, 6, 0.01],
  [4, 2, 300, 7, 0.05],
  [5, 1, 300, 3, 0],
] as const) {
  together(`${threads} threads on ${cores} cores: every item once, every step done`, async () => {
    const setup = prepare({ threads, cores, steps, items, itemTime });
    const exits = await start(setup);
    assert.is(lead(setup), steps);
    await Promise.all(exits);
    const { taken, done, shares } = viewsOf(setup);
    assert.ok(taken.every((count) => count === 1));
    assert.ok(done.every((count) => count === items));
    // On one core the coordinator alone stays awake.
    if (cores > 1) assert.ok(shares.filter((count) => count > 0).length > 1, `shares of ${shares.join()}`);
  });
}

together('the end wakes threads that sleep, and they stop', async () => {
  const setup = prepare({ threads: 3, cores: 2, steps: 1, items: 1 });
  const exits = await start(setup);
  await new Promise((resolve) => setTimeout(resolve, 100)); // asleep by now
  assert.is(lead(setup), 1);
  await Promise.all(exits);
});

together('a thread calls the phase off: the coordinator stops waiting, the others stop working', async () => {
  const setup = prepare({ threads: 3, cores: 2, steps: 100_000, items: 6, cancelAt: 61 });
  const exits = await start(setup);
  assert.is(lead(setup), 10);
  await Promise.all(exits);
  const { taken } = viewsOf(setup);
  assert.is(taken[61], 1);
  assert.ok(taken.subarray(66).every((count) => count === 0));
});

if (isMainThread) {
  alone.run();
  together.run();
} else {
  serve(workerData);
}
