import { setTimeout } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '#lockstep/errors.js';
import { Orders } from '#lockstep/runtime/orders.js';
import { nothingDone, type Phase } from '#lockstep/runtime/phase.js';
import { fakeGroups } from '../support/fake-group.js';

const test = suite('what rank 0 orders');

const phase: Phase = {
  training: true,
  split: 'train',
  epoch: 4,
  samples: 10,
  batchSize: 5,
  firstStep: 0,
  endStep: 2,
  itemMicroBatches: 1,
  sampler: 'shuffled',
  rateReduction: 1,
  verify: false,
};

function team(ranks: number, timeout?: number) {
  const groups = fakeGroups(ranks, timeout);
  return groups.map((group, rank) => {
    const buffer = new SharedArrayBuffer(32);
    new Uint8Array(buffer).fill(rank + 1);
    return { group, buffer, orders: new Orders(group, new Uint8Array(buffer, 8, 16)) };
  });
}

test('a phase is taken by all, with the weights where they have changed, until the end', async () => {
  const [first, ...others] = team(3);
  const seen = others.map(async ({ orders }) => {
    const phases: unknown[] = [];
    for (let next = await orders.next(); next !== undefined; next = await orders.next()) {
      phases.push([next.phase, next.done]);
      await orders.compare(next.phase, 7);
    }
    return phases;
  });
  first!.orders.rest();
  for (const weights of [true, false]) {
    await first!.orders.begin(phase, nothingDone, weights);
    await first!.orders.compare(phase, 7);
  }
  await first!.orders.end();
  for (const phases of await Promise.all(seen))
    assert.equal(phases, [
      [phase, nothingDone],
      [phase, nothingDone],
    ]);
  for (const { buffer, group } of others) {
    assert.equal(
      [...new Uint8Array(buffer)].slice(6, 10),
      [...new Uint8Array(buffer)].slice(0, 2).concat(1, 1),
    );
    assert.is(group.calls.filter((call) => call === 'memory').length, 1);
  }
});

test('other ranks wait while rank 0 has no phase for them, and hear that it is there', async () => {
  const [first, second] = team(2, 40);
  const follower = second!.orders.next();
  first!.orders.rest();
  await setTimeout(60);
  await first!.orders.end();
  assert.is(await follower, undefined);
  assert.ok(second!.group.calls.length >= 3, `${second!.group.calls.length} calls`);
});

test('other weights end the training on all ranks, with the epoch, the rank and its host', async () => {
  const ranks = team(3);
  ranks[0]!.orders.rest();
  const followers = ranks.slice(1).map(({ orders }) => orders.next());
  await ranks[0]!.orders.begin(phase, nothingDone, false);
  await Promise.all(followers);
  const compared = ranks.map(({ orders }, rank) => orders.compare(phase, rank === 2 ? 8 : 7));
  for (const result of await Promise.allSettled(compared)) {
    const { reason } = result as PromiseRejectedResult;
    assert.instance(reason, UserError);
    assert.match(reason.message, /rank 2 on host2 has other weights than rank 0 on host0 in epoch 4/);
  }
  await ranks[0]!.orders.end(); // tells nobody: all know
  assert.is(ranks[0]!.group.calls.at(-1), 'gather');
});

test('who has no orders to wait for is told none', async () => {
  const [first] = team(2);
  await first!.orders.end();
  assert.equal(first!.group.calls, []);
});

test.run();
