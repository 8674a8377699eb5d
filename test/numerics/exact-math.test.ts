import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { integerPower } from '#lockstep/numerics/exact-math.js';

test('integerPower agrees with Math.pow to a few units in the last place', () => {
  for (const base of [0, 0.1, 0.9, 0.999, 0.999999, 1, 2]) {
    for (const exponent of [0, 1, 2, 3, 10, 100, 1000, 123_456, 2 ** 33 + 1]) {
      const [found, expected] = [integerPower(base, exponent), base ** exponent];
      // Each of about 33 squarings doubles what the ones before are off by.
      const relative = Math.max(exponent, 1) * Number.EPSILON;
      assert.ok(
        found === expected || Math.abs(found / expected - 1) <= relative || expected < 1e-300,
        `${base}^${exponent} is ${expected}, not ${found}`,
      );
    }
  }
});

test.run();
