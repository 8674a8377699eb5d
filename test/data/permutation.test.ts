import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { permutationOf } from '#lockstep/data/permutation.js';
import { range, sum } from '#lockstep/kernels/plain.js';
import { hash, normalQuantile } from '#lockstep/numerics/random.js';

const uniform = suite('permutations');

/** Sizes on both sides of the largest table. */
const sizes = range(73, 2);

uniform('every item lands in every place equally often', () => {
  for (const size of sizes) {
    const draws = Math.max(200 * size, size < 16 ? 40_000 : 0);
    const counts = new Float64Array(size * size);
    for (let draw = 0; draw < draws; draw++) {
      const permutation = permutationOf(size, (key) => hash(1, 2, draw, key, size));
      for (let i = 0; i < size; i++) counts[i * size + permutation.at(i)]! += 1;
    }
    const expected = draws / size;
    const square = sum(counts.length, (c) => (counts[c]! - expected) ** 2 / expected);
    const largest = chiSquareQuantile((size - 1) ** 2, 1 - 1e-5);
    assert.ok(square < largest, `${size} items: chi-square ${square}, by chance below ${largest}`);
  }
});

uniform('all orders of a few items are equally likely', () => {
  for (const size of [2, 3, 4, 5, 6]) {
    const orders = range(size + 1, 1).reduce((a, b) => a * b, 1);
    const counts = new Map<string, number>();
    const draws = 100 * orders;
    for (let draw = 0; draw < draws; draw++) {
      const permutation = permutationOf(size, (key) => hash(3, size, draw, key));
      const order = range(size)
        .map((i) => permutation.at(i))
        .join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    assert.is(counts.size, orders);
    const square = [...counts.values()].reduce((all, count) => all + (count - 100) ** 2 / 100, 0);
    assert.ok(square < chiSquareQuantile(orders - 1, 1 - 1e-5), `${size} items: chi-square ${square}`);
  }
});

uniform('each is a bijection', () => {
  for (const size of [1, ...sizes, 127, 128, 129, 1000, 4097]) {
    const permutation = permutationOf(size, (key) => hash(size, key));
    const images = new Set(range(size).map((i) => permutation.at(i)));
    assert.is(images.size, size);
    assert.ok([...images].every((i) => i >= 0 && i < size));
  }
});

/** By Wilson and Hilferty's approximation (1931). */
function chiSquareQuantile(freedom: number, p: number): number {
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + normalQuantile(p) * Math.sqrt(spread)) ** 3;
}

uniform.run();
