import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ExitCode, UserError } from '#lockstep/errors.js';
import { firstOnHost, together } from '#lockstep/training/together.js';
import { fakeGroups } from '../support/fake-group.js';

const test = suite('what each rank does for itself');

test('is done when all have done it', async () => {
  const groups = fakeGroups(3);
  const results = await Promise.all(groups.map((group, rank) => together(group, async () => rank)));
  assert.equal(results, [0, 1, 2]);
});

test('fails on all where it fails on one, which keeps its own error', async () => {
  const own = new UserError('no such folder', ExitCode.data);
  const results = await Promise.allSettled(
    fakeGroups(3).map((group, rank) =>
      together(group, async () => {
        if (rank === 1) throw own;
      }),
    ),
  );
  const reasons = results.map((result) => (result as PromiseRejectedResult).reason as UserError);
  assert.is(reasons[1], own);
  for (const rank of [0, 2]) {
    assert.is(reasons[rank]!.message, 'rank 1 on host1: no such folder');
    assert.is(reasons[rank]!.exitCode, ExitCode.data);
  }
});

test('one rank a host is first', async () => {
  const groups = fakeGroups(4);
  const hosts = ['a', 'b', 'a', 'b'];
  const order: number[] = [];
  await Promise.all(
    groups.map((group, rank) => {
      const setup = { ...group.setup, hosts };
      return firstOnHost({ ...group, setup }, async () => void order.push(rank));
    }),
  );
  assert.equal(order.slice(0, 2).sort(), [0, 1]);
  assert.equal(order.slice(2).sort(), [2, 3]);
});

test('a process that trains alone just does it', async () => {
  assert.is(await together(undefined, async () => 5), 5);
});

test.run();
