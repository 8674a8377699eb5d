import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { propose, smoothing, type TestedRate } from '#lockstep/runs/lr-finder.js';

const test = suite('the proposed learning rate');

/** Steps whose rates rise tenfold, with the smoothed losses that a range test gives. */
function tested(losses: readonly number[]): TestedRate[] {
  let average = 0;
  return losses.map((loss, i) => {
    average = smoothing * average + (1 - smoothing) * loss;
    return { rate: 10 ** (i / 10 - 6), loss, smoothed: average / (1 - smoothing ** (i + 1)) };
  });
}

/** About normal, of deviation 1: the sum of twelve uniform numbers. */
function normal(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return () => Array.from({ length: 12 }, uniform).reduce((a, b) => a + b, -6);
}

/** Flat, a fall from the 30th step on, and from the 60th a rise; each loss with noise. */
function fallAndRise(seed: number, noise: number): number[] {
  const random = normal(seed);
  const mean = (i: number) => 2.3 - Math.max(0, Math.min(i - 30, 30)) * 0.03 + Math.max(0, i - 60) * 0.2;
  return Array.from({ length: 80 }, (_, i) => mean(i) + noise * random());
}

test('is a tenth of the rate with the smallest smoothed loss', () => {
  const { smallest, proposed, isOpen } = propose({ tested: tested(fallAndRise(1, 0)), diverged: true })!;
  // The smoothed loss lags behind: its smallest is some steps after the 60th.
  assert.ok(smallest.rate >= 1 && smallest.rate < 10, `${smallest.rate}`);
  assert.equal([proposed, isOpen], [Number((smallest.rate / 10).toPrecision(2)), false]);
});

test('is about the same with the noise of mini-batches', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const { proposed } = propose({ tested: tested(fallAndRise(seed, 0.15)), diverged: true })!;
    assert.ok(proposed !== undefined && proposed > 0.05 && proposed < 0.8, `seed ${seed}: ${proposed}`);
  }
});

test('is none where the loss has only noise, however many steps', () => {
  for (const steps of [1, 2, 3, 10, 30, 200]) {
    let found = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const random = normal(1000 * steps + seed);
      const losses = Array.from({ length: steps }, () => 2.3 + 0.2 * random());
      const { proposed, isOpen } = propose({ tested: tested(losses), diverged: false })!;
      if (proposed !== undefined) found++;
      else assert.is(isOpen, false);
    }
    assert.ok(found <= 6, `${found} of 200 with ${steps} steps`);
  }
});

test('is none where the loss has not fallen, or no step was taken', () => {
  assert.is(propose({ tested: tested([2, 1.99, 2.5]), diverged: true })!.proposed, undefined);
  assert.is(propose({ tested: [], diverged: true }), undefined);
});

test('may be larger where the loss still fell at the last rate', () => {
  const falling = tested(fallAndRise(1, 0.05).slice(0, 60));
  assert.is(propose({ tested: falling, diverged: false })!.isOpen, true);
});

test.run();
