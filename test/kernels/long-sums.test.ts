import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { at } from '#lockstep/kernels/case.js';
import { groupBytes, instantiateKernels, lanes } from '#lockstep/kernels/kernels.js';
import { range, sum } from '#lockstep/kernels/plain.js';
import { hash, normalQuantile, uniform } from '#lockstep/numerics/random.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import { root } from '../support/engine-helpers.js';

/**
 * How the error of a float32 sum grows with its length: its root mean square against float64, relative to the sums' own. In blocks of 256
 * terms it is 3e-7 at 3,072 terms and 5e-7 at 98,283; one term after the other it is 1e-6 and 4e-6 (with PyTorch 1.13 1e-6 and 5e-6).
 */
const growth = suite('the error of long sums');

/** Terms as rows by columns. */
const lengths = [
  [48, 64], // 3,072
  [192, 256], // 49,152
  [543, 181], // 98,283
] as const;
const largest = 6e-7;

const memory = createSharedMemory(32 * 2 ** 20);
const module = new WebAssembly.Module(readFileSync(join(root, 'dist/kernels/kernels.wasm')));
const kernels = instantiateKernels({ module, joined: false }, memory);
const noise = Float32Array.from({ length: 65_537 }, (_, i) => normalQuantile(uniform(hash(i))));

let end = 0;
let drawn = 0;
const clear = () => {
  end = 1024;
  drawn = 0;
};

function zeros(count: number): Float32Array {
  const values = new Float32Array(memory.buffer, end, count).fill(0);
  end = (end + count * 4 + 64 + 31) & ~31;
  return values;
}

/** Normal numbers. */
function normals(count: number): Float32Array {
  const values = zeros(count);
  for (let i = 0; i < count; i++) values[i] = noise[drawn++ % noise.length]!;
  return values;
}

function words(values: readonly number[]): Uint32Array {
  const copy = new Uint32Array(memory.buffer, zeros(values.length).byteOffset, values.length);
  copy.set(values);
  return copy;
}

function near(name: string, found: ArrayLike<number>, expected: readonly number[]): void {
  assert.is(found.length, expected.length);
  const errors = sum(found.length, (i) => (found[i]! - expected[i]!) ** 2);
  const error = Math.sqrt(errors / sum(found.length, (i) => expected[i]! ** 2));
  assert.ok(error < largest, `${name}: ${error}`);
}

/** y[o][lane] of x, `[terms][lanes]`, and weights. */
const products = (
  x: Float32Array,
  terms: number,
  outputs: number,
  weight: (t: number, o: number) => number,
) =>
  range(outputs * lanes).map((i) =>
    sum(terms, (t) => weight(t, Math.floor(i / lanes)) * x[t * lanes + (i % lanes)]!),
  );

for (const [rows, columns] of lengths) {
  const length = rows * columns;

  growth(`a dense layer's outputs, ${length} inputs`, () => {
    clear();
    const [x, w, bias, y] = [normals(length * lanes), normals(7 * length), normals(7), zeros(7 * lanes)];
    kernels.denseForward(at(x), length, at(w), at(bias), at(y), 7);
    const right = products(x, length, 7, (t, o) => w[o * length + t]!);
    near(
      'y',
      y,
      right.map((v, i) => v + bias[Math.floor(i / lanes)]!),
    );
  });

  growth(`its input gradient, ${length} outputs`, () => {
    clear();
    const [dy, w, dx] = [normals(length * lanes), normals(7 * length), zeros(7 * lanes)];
    const table = words(range(length).map((t) => t * groupBytes));
    kernels.weightedSums(at(dy), 0, 0, at(table), length, at(w), 28, 0, at(dx), 7, 1, 1, 0);
    near(
      'dx',
      dx,
      products(dy, length, 7, (t, o) => w[t * 7 + o]!),
    );
  });

  growth(`a convolution's outputs, ${length} terms`, () => {
    for (const joined of [0, 1] as const) {
      clear();
      // Two columns of outputs, whose inputs are one group apart.
      const [x, panels, y] = [normals((length + 1) * lanes), normals(4 * length), zeros(4 * 2 * lanes)];
      const table = words(range(length).map((t) => t * groupBytes));
      kernels.weightedSums(at(x), 0, groupBytes, at(table), length, at(panels), 0, 0, at(y), 4, 1, 2, joined);
      const right = range(2).map((c) =>
        products(x.subarray(c * lanes), length, 4, (t, o) => panels[t * 4 + o]!),
      );
      const inOrder = range(4).flatMap((o) =>
        right.flatMap((column) => column.slice(o * lanes, (o + 1) * lanes)),
      );
      near(`joined ${joined}`, y, inOrder);
    }
  });

  growth(`its weights' gradient, ${length} positions`, () => {
    for (const [r, c] of [
      [rows, columns],
      [1, length],
    ] as const) {
      for (const joined of [0, 1] as const) {
        clear();
        const [dy, x] = [normals(2 * length * lanes), normals((length + 2) * lanes)];
        const [dw, scratch, table] = [zeros(6), zeros(64), words([0, groupBytes, 2 * groupBytes])];
        const strides = [c * groupBytes, groupBytes] as const;
        kernels.convWeightGradient(
          ...[at(dy), at(x), ...strides, at(table), 3, at(dw)],
          ...([2, r, c, 0, at(scratch), joined] as const),
        );
        const right = range(6).map((i) => {
          const [o, t] = [Math.floor(i / 3), i % 3];
          return sum(length * lanes, (p) => dy[o * length * lanes + p]! * x[t * lanes + p]!);
        });
        near(`${r} x ${c}, joined ${joined}`, dw, right);
      }
    }
  });

  growth(`its input's gradient, ${length} terms`, () => {
    // Kernels of 3 x 1 over a column of 3: the middle of 5 inputs meets all of them.
    clear();
    const outputs = length / 3;
    const [dy, panels, dx] = [normals(length * lanes), normals(4 * length), zeros(4 * 5 * lanes)];
    const table = words(range(outputs).map((o) => o * 3 * groupBytes));
    kernels.convInputGradient(
      ...([at(dy), 3, 1, outputs, at(table), at(panels), 3, 1, 1, 1, at(dx), 4, 5, 1, 0, 0] as const),
    );
    const middle = range(4).flatMap((c) => [...dx.subarray((c * 5 + 2) * lanes, (c * 5 + 3) * lanes)]);
    const right = range(4 * lanes).map((i) =>
      sum(length, (t) => {
        const [row, o] = [Math.floor(t / outputs), t % outputs];
        return panels[t * 4 + Math.floor(i / lanes)]! * dy[(o * 3 + 2 - row) * lanes + (i % lanes)]!;
      }),
    );
    near('dx', middle, right);
  });

  growth(`a bias's gradient, ${length} positions`, () => {
    clear();
    const [dy, db] = [normals(5 * length * lanes), zeros(5)];
    kernels.biasGradient(at(dy), at(db), 5, length, 0);
    near(
      'db',
      db,
      range(5).map((o) => sum(length * lanes, (i) => dy[o * length * lanes + i]!)),
    );
  });

  growth(`an average of ${length}`, () => {
    for (const [r, c] of [
      [rows, columns],
      [1, length],
    ] as const) {
      clear();
      const [x, y] = [normals(3 * length * lanes), zeros(3 * lanes)];
      kernels.averagePoolForward(at(x), at(y), 3, r, c, r, c, 1, 1, 1, 1, 0, 0);
      const right = range(3 * lanes).map((i) => {
        const [channel, lane] = [Math.floor(i / lanes), i % lanes];
        return sum(length, (p) => x[(channel * length + p) * lanes + lane]!) / length;
      });
      near(`${r} x ${c}`, y, right);
    }
  });

  growth(`weights' gradient from ${length} argmaxes and some`, () => {
    clear();
    const [outputs, windows, kernelHeight, patchVectors] = [4, Math.ceil(length / lanes), 2, 3];
    const count = windows * lanes;
    const [dz, x] = [normals(outputs * count), normals(20_000)];
    const offsets = range(outputs * count).map((i) => ((i * 7919) % 19_000) * 4);
    const [argmaxes, lists] = [words(offsets), zeros(outputs * (count * 2 + 4))];
    const [sizes, row] = [zeros(outputs), 400];
    const patches = zeros(outputs * kernelHeight * patchVectors * 4);
    kernels.listArgmaxes(at(dz), at(argmaxes), outputs, 1, windows, 0, at(lists), at(sizes));
    kernels.argmaxWeightGradient(
      ...[at(x), row, at(lists), at(sizes), outputs, 1, windows, kernelHeight, patchVectors, at(patches)],
    );
    const right = range(outputs).flatMap((o) =>
      range(kernelHeight).flatMap((i) =>
        range(patchVectors * 4).map((v) =>
          sum(count, (a) => dz[o * count + a]! * x[(offsets[o * count + a]! + i * row) / 4 + v]!),
        ),
      ),
    );
    near('dw', patches, right);
  });
}

growth.run();
