import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { instantiateKernels } from '#lockstep/kernels/kernels.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import { noise } from '../support/engine-helpers.js';

/** What an optimizer's kernel does beside its numbers: `cases.test.ts` has those. */

const memory = createSharedMemory(1 << 17);
const kernels = instantiateKernels(compileKernels().kernels, memory);
const length = 96;
/** Weights, gradient, first and second moment. */
const places = [4096, 16384, 32768, 49152];
const buffers = places.map((at) => new Float32Array(memory.buffer, at, length));

function runAdam(from: number, count: number, epsilon = 1e-8): void {
  const [w, gradient, first, second] = places.map((at) => at + from * 4) as [number, number, number, number];
  kernels.adam(w, gradient, first, second, count, 1, 0, 1, 0.1, 0.999, 0.001, 0.3, epsilon, 0.1);
}

const adam = suite('Adam');

adam('a range in parts has the bits of the range in one', () => {
  const after = (parts: readonly (readonly [from: number, count: number])[]) => {
    buffers.forEach((values, i) => {
      values.set(noise(i, length).map((value) => (i === 3 ? value * value : value)));
    });
    for (const [from, count] of parts) runAdam(from, count);
    return buffers.map((values) => values.slice());
  };
  const whole = after([[0, 92]]);
  assert.equal(
    after([
      [40, 52],
      [0, 16],
      [16, 24],
    ]),
    whole,
  );
});

adam('what has neither weight, gradient nor moments stays 0: the gaps between parameters', () => {
  for (const values of buffers) values.fill(0);
  runAdam(0, length, 1e-30);
  for (const values of buffers) assert.equal(values, new Float32Array(length));
});

adam.run();
