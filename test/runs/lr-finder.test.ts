import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { propose } from '#lockstep/runs/lr-finder.js';

const test = suite('the proposed learning rate');

const tested = (...losses: number[]) =>
  losses.map((smoothed, i) => ({ rate: 10 ** (i - 3), loss: smoothed, smoothed }));

test('is a tenth of the rate with the smallest smoothed loss', () => {
  const { proposed, isOpen } = propose({ tested: tested(2, 1.5, 1, 3), diverged: true })!;
  assert.equal([proposed, isOpen], [0.01, false]);
});

test('is none where the loss has not fallen', () => {
  assert.is(propose({ tested: tested(2, 1.99, 2.5), diverged: true })!.proposed, undefined);
  assert.is(propose({ tested: [], diverged: true }), undefined);
});

test('may be larger where the loss still fell at the last rate', () => {
  assert.is(propose({ tested: tested(2, 1.5, 1), diverged: false })!.isOpen, true);
});

test.run();
