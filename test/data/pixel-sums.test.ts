import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PixelSums } from '#lockstep/data/pixel-sums.js';

const sums = suite('sums of pixels');

sums('are exact beyond 2^53, in any order, and through JSON', () => {
  // As of a million bright photographs: each part below 2^53, together above.
  const parts = Array.from({ length: 9 }, (_, i) => ({
    count: 3e10 + i,
    sum: [7e12 + i, 5e12 + 3 * i, 1] as [number, number, number],
    squares: [1.8e15 + 1 + 2 * i, 1.3e15 + i, 1] as [number, number, number],
  }));
  const of = (list: typeof parts) => {
    const all = new PixelSums();
    for (const part of list) all.add(part);
    return all;
  };
  const text = JSON.stringify(of(parts));
  assert.is(JSON.stringify(of(parts.toReversed())), text);
  assert.is(JSON.parse(text).squares[0], String(9n * 1800000000000001n + 72n));
  const read = PixelSums.from(JSON.parse(text));
  assert.is(JSON.stringify(read), text);
  assert.equal(read.moments(), of(parts).moments());
});

sums.run();
