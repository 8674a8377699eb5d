import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mapInOrder } from '#lockstep/inference/in-order.js';

const numbers = async function* (count: number) {
  for (let i = 0; i < count; i++) yield i;
};

const order = suite('work in order');

order('yields results in the order of the items, with a limited number at work', async () => {
  let working = 0;
  let most = 0;
  let begun = 0;
  const results: number[] = [];
  const map = async (i: number) => {
    begun++;
    most = Math.max(most, ++working);
    await sleep(i % 3 === 0 ? 8 : 1);
    working--;
    return 10 * i;
  };
  for await (const result of mapInOrder(numbers(20), 4, map)) {
    results.push(result);
    assert.ok(begun <= results.length + 4, 'nothing is begun that nobody takes');
  }
  assert.equal(
    results,
    Array.from({ length: 20 }, (_, i) => 10 * i),
  );
  assert.is(most, 4);
});

order('yields finished results while the source is slow', async () => {
  let resume = () => {};
  const source = (async function* () {
    yield 1;
    await new Promise<void>((resolve) => {
      resume = resolve;
    });
    yield 2;
  })();
  const results = mapInOrder(source, 4, async (i) => i);
  assert.is((await results.next()).value, 1);
  resume();
  assert.is((await results.next()).value, 2);
  assert.ok((await results.next()).done);
});

order('finishes earlier items when the source fails', async () => {
  const source = (async function* () {
    yield* [1, 2];
    throw new Error('no more');
  })();
  const results: number[] = [];
  try {
    for await (const i of mapInOrder(source, 4, (i) => sleep(5, i))) results.push(i);
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'no more');
  }
  assert.equal(results, [1, 2]);
});

order('a source that is left is closed, even while it is asked', async () => {
  let closed = 0;
  const source = {
    next: () => Promise.resolve({ value: 1 }),
    return: () => {
      closed++;
      return Promise.reject(new Error('nobody hears this'));
    },
  };
  for await (const _ of mapInOrder(source, 2, async (i) => i)) break;
  assert.is(closed, 1);
});

order('a failure of the work ends it', async () => {
  const results: number[] = [];
  try {
    const map = (i: number) => (i === 2 ? Promise.reject(new Error('two')) : sleep(3, i));
    for await (const i of mapInOrder(numbers(9), 4, map)) results.push(i);
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'two');
  }
  assert.equal(results, [0, 1]);
});

order.run();
