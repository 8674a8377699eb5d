import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Arena } from '#lockstep/compile/arena.js';
import { convolution } from '#lockstep/graph/ops/convolution.js';
import { winogradConvolution } from '#lockstep/graph/ops/winograd-convolution.js';
import { groupBytes, instantiateKernels, lanes } from '#lockstep/kernels/kernels.js';
import { sum } from '#lockstep/kernels/plain.js';
import { correlation, correlationGradient } from '#lockstep/kernels/winograd/reference.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import { layersConfig, noise, root } from '../support/engine-helpers.js';

/**
 * The errors of a convolution over a grid, root mean square, relative to the values' own, against its definition in double precision.
 * Measured: 0.5e-6 to 1.4e-6; with the points 0, ±1, ±2 twice that. A direct sum in float32 has 0.2e-6 to 0.8e-6.
 */
const errors = suite("the errors of Winograd's filtering over a grid");
const largest = 1.6e-6;

const module = new WebAssembly.Module(readFileSync(join(root, 'dist/kernels/kernels.wasm')));

for (const [channels, side] of [
  [16, 16],
  [64, 15],
  [256, 7],
] as const) {
  errors(`${channels} channels of ${side} x ${side} stay below ${largest}`, () => {
    const outputs = 16;
    const config = layersConfig([
      { type: 'conv2d', outChannels: outputs, kernelSize: 3, padding: 1, name: 'c' },
      { type: 'flatten' },
      { type: 'dense', outFeatures: 2 },
    ]);
    const layer = config.model.layers[0]!;
    if (layer.type !== 'conv2d') throw new Error('it is a convolution');
    const conv = convolution(layer, [channels, side, side], { number: 0, key: 'model.layers[0]' });
    const algorithm = winogradConvolution(conv, 'all')!;
    const arena = new Arena();
    const groups = side * side * groupBytes;
    const take = (bytes: number) => arena.take(bytes);
    const [x, dx, y, dy] = [channels, channels, outputs, outputs].map((count) =>
      take(count * groups),
    ) as Four;
    const [weight, dw, bias] = [take(outputs * conv.terms * 4), take(outputs * conv.terms * 4), take(64)];
    const tables = algorithm.tables.map((table) => take(table.byteLength));
    const scratch = algorithm.scratch.map(({ bytes }) => take(bytes));
    const memory = createSharedMemory(arena.size);
    const floats = (at: number, count: number) => new Float32Array(memory.buffer, at, count);
    algorithm.tables.forEach((table, i) => {
      new Uint32Array(memory.buffer, tables[i]!, table.length).set(table);
    });
    const values = side * side * lanes;
    const [X, DY] = [floats(x, channels * values), floats(dy, outputs * values)];
    const W = floats(weight, outputs * conv.terms);
    [X, DY, W].forEach((to, i) => {
      to.set(noise(i, to.length));
    });

    const kernels = instantiateKernels({ module, joined: false }, memory);
    const bound = algorithm.bind(kernels, { x, y, dy, dx, weight, bias, tables, scratch });
    bound.prepare();
    bound.forward();
    bound.weightGradient(dw, 0);
    bound.inputGradient();

    const size = { ...conv, taps: 3 };
    near('y', floats(y, outputs * values), correlation(X, W, floats(bias, outputs), size));
    near('dw', floats(dw, W.length), correlationGradient(X, DY, size, undefined));
    const turned = W.map((_, i) => {
      const [c, o, tap] = [Math.floor(i / (outputs * 9)), Math.floor(i / 9) % outputs, i % 9];
      return W[(o * channels + c) * 9 + 8 - tap]!;
    });
    const back = { ...size, channels: outputs, outputs: channels };
    near('dx', floats(dx, channels * values), correlation(DY, turned, new Float32Array(channels), back));
  });
}

type Four = [number, number, number, number];

function near(name: string, found: Float32Array, right: Float64Array): void {
  const error = Math.sqrt(
    sum(found.length, (i) => (found[i]! - right[i]!) ** 2) / sum(found.length, (i) => right[i]! ** 2),
  );
  assert.ok(error < largest, `${name}: ${error}`);
}

errors.run();
