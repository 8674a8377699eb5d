import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  columnPoints,
  columnWinograd,
  rowPoints,
  times,
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

matrices('down the columns do too', () => {
  const g = taps.slice(0, 3);
  const d = inputs.slice(0, 4);
  assert.equal(filtered(columnWinograd(), g, d), correlated(g, d));
  assert.equal(filtered(winograd(columnPoints, 3), g, d), correlated(g, d));
});

matrices("are the paper's F(4, 3) and F(2, 3)", () => {
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
  const columns = columnWinograd();
  assert.equal(columns.A, [
    [1, 1, 1, 0],
    [0, 1, -1, -1],
  ]);
  assert.equal(columns.B, [
    [1, 0, -1, 0],
    [0, 1, 1, 0],
    [0, -1, 1, 0],
    [0, 1, 0, -1],
  ]);
  assert.equal(columns.G, [
    [1, 0, 0],
    [1 / 2, 1 / 2, 1 / 2],
    [1 / 2, -1 / 2, 1 / 2],
    [0, 0, 1],
  ]);
});

matrices.run();
