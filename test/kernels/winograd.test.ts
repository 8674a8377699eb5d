import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  gridPoints,
  rowPoints,
  times,
  timesBoth,
  type Winograd,
  winograd,
} from '#lockstep/kernels/winograd/matrices.js';

const matrices = suite("Winograd's matrices");

/** Whole numbers, so that every product but G's divisions is exact. */
const taps = [3, -7, 2, 5, -4];
const inputs = [11, -2, 6, 9, -13, 4];

const filtered = ({ A, B, G }: Winograd, g: number[], d: number[]) => {
  const [a, b] = [times(G, g), times(B, d)];
  return times(
    A,
    a.map((value, p) => value * b[p]!),
  );
};
const correlated = (g: number[], d: number[]) =>
  Array.from({ length: d.length - g.length + 1 }, (_, i) => g.reduce((sum, w, j) => sum + w * d[i + j]!, 0));

for (const count of [2, 3, 4, 5]) {
  matrices(`of ${count} taps give the direct correlation`, () => {
    const g = taps.slice(0, count);
    const found = filtered(winograd(rowPoints, count), g, inputs);
    correlated(g, inputs).forEach((right, i) => {
      assert.ok(Math.abs(found[i]! - right) < 1e-12, `${found[i]}, not ${right}`);
    });
  });
}

matrices('of 3 x 3 taps, in both directions over the grid, give the direct correlation', () => {
  const g = [0, 1, 2].map((i) => taps.slice(i, i + 3));
  const d = [0, 1, 2, 3, 4, 5].map((i) => inputs.map((value, j) => value * (i + 1) - 3 * j));
  const { A, B, G } = winograd(gridPoints, 3);
  const [a, b] = [timesBoth(G, g), timesBoth(B, d)];
  const found = timesBoth(
    A,
    a.map((row, p) => row.map((value, q) => value * b[p]![q]!)),
  );
  for (const i of [0, 1, 2, 3]) {
    for (const j of [0, 1, 2, 3]) {
      const right = g.reduce((sum, row, k) => sum + row.reduce((s, w, l) => s + w * d[i + k]![j + l]!, 0), 0);
      assert.ok(Math.abs(found[i]![j]! - right) < 1e-11, `${found[i]![j]}, not ${right}`);
    }
  }
});

matrices("are the paper's F(4, 3)", () => {
  const { A, B, G } = winograd(rowPoints, 3);
  assert.equal(A, [
    [1, 1, 1, 1, 1, 0],
    [0, 1, -1, 2, -2, 0],
    [0, 1, 1, 4, 4, 0],
    [0, 1, -1, 8, -8, 1],
  ]);
  assert.equal(B, [
    [4, 0, -5, 0, 1, 0],
    [0, -4, -4, 1, 1, 0],
    [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
  ]);
  assert.equal(G, [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
  ]);
});

matrices.run();
