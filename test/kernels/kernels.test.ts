import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { activationTypes } from '#lockstep/config/activations.js';
import { activationReference } from '#lockstep/kernels/activation/reference.js';
import { instantiateKernels } from '#lockstep/kernels/kernels.js';
import { kernelChecks } from '#lockstep/kernels/known-answer.js';
import { hash } from '#lockstep/numerics/random.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';

/** Kernels that the networks of `layers.test.ts` do not reach, or not at their edges. */

const memory = createSharedMemory(1 << 20);
const kernels = instantiateKernels(compileKernels().kernels, memory);
const floats = (at: number, length: number) => new Float32Array(memory.buffer, at, length);
const words = (at: number, length: number) => new Int32Array(memory.buffer, at, length);

const gather = suite('gathering samples');

gather('bytes become floats, a lane a sample, for any number of pixels', () => {
  for (const pixels of [1, 7, 8, 9, 100]) {
    const bytes = new Uint8Array(memory.buffer, 4096, 8 * pixels);
    for (let i = 0; i < bytes.length; i++) bytes[i] = hash(pixels, i);
    words(1024, 8).set(Array.from({ length: 8 }, (_, lane) => 4096 + lane * pixels));
    kernels.gatherBytes(1024, 0, pixels, 2, 0.5, 65536);
    const groups = floats(65536, pixels * 8);
    for (let i = 0; i < pixels; i++) {
      for (let lane = 0; lane < 8; lane++)
        assert.is(groups[i * 8 + lane], bytes[lane * pixels + i]! * 2 + 0.5);
    }
  }
});

const loss = suite('cross entropy');

/** Losses, classesBefore and dz of 8 samples with these logits each, `[classes]`. */
function crossEntropy(logits: readonly number[], label: number, samples = 8) {
  const classes = logits.length;
  const groups = floats(4096, classes * 8);
  for (let c = 0; c < classes; c++) groups.fill(logits[c]!, c * 8, c * 8 + 8);
  words(1024, 8).fill(label);
  kernels.crossEntropy(4096, 1024, 0, 0, samples, classes, 65536, 2048, 2080);
  return { losses: floats(2048, 8), classesBefore: words(2080, 8), dz: floats(65536, classes * 8) };
}

loss('stays finite for logits of any size', () => {
  assert.is(crossEntropy([1e4, -1e4, 0], 0).losses[0], 0);
  assert.is(crossEntropy([1e4, -1e4, 0], 1).losses[0], 2e4);
});

loss('classesBefore the label; of equal logits the first comes first', () => {
  assert.is(crossEntropy([3, 1, 2, 0], 2).classesBefore[5], 1);
  assert.is(crossEntropy([1, 1, 1], 0).classesBefore[0], 0);
  assert.is(crossEntropy([1, 1, 1], 2).classesBefore[0], 2);
});

loss('counts NaN as no hit', () => {
  assert.is(crossEntropy([Number.NaN, 1, 2, 3, 4, 5, 6], 0).classesBefore[0], 7);
});

loss('gives padding lanes no gradient', () => {
  const { dz } = crossEntropy([1, 2, 3], 0, 3);
  for (let c = 0; c < 3; c++) assert.equal([...dz.slice(c * 8 + 3, c * 8 + 8)], [0, 0, 0, 0, 0]);
});

const activation = suite('activations');

activation(
  'agree with double precision over their whole range, to 3e-7 of the larger of 1 and the value',
  () => {
    const inputs = Float32Array.from({ length: 4000 }, (_, i) => (i - 2000) / 20);
    floats(4096, 4000).set(inputs);
    for (const name of activationTypes) {
      kernels[`${name}Forward`](4096, 65536, 0, 500, 0.3);
      floats(65536, 4000).forEach((y, i) => {
        const right = activationReference[name].of(inputs[i]!, 0.3);
        assert.ok(
          Math.abs(y - right) <= 3e-7 * Math.max(1, Math.abs(right)),
          `${name}(${inputs[i]}) = ${y}, not ${right}`,
        );
      });
    }
  },
);

activation('let NaN through: a diverged run must show', () => {
  floats(4096, 8).fill(Number.NaN);
  for (const name of activationTypes) {
    kernels[`${name}Forward`](4096, 65536, 0, 1, 0.3);
    assert.ok(floats(65536, 8).every(Number.isNaN), name);
  }
});

const dropout = suite('dropout');

dropout('drops its share, scales the rest, and uses the same mask on the way back', () => {
  const count = 4000;
  floats(4096, count * 8).fill(1);
  words(1024, 8).set(Array.from({ length: 8 }, (_, lane) => hash(1, lane)));
  kernels.dropoutForward(4096, 262144, 524288, 1024, count, 0.25 * 2 ** 32, 1 / 0.75);
  const y = floats(262144, count * 8);
  const kept = y.filter((v) => v !== 0);
  assert.ok(kept.every((v) => v === Math.fround(1 / 0.75)));
  assert.ok(Math.abs(kept.length / y.length - 0.75) < 0.01, `${kept.length / y.length} kept`);
  kernels.dropoutBackward(524288, 4096, 786432, count);
  assert.equal(floats(786432, 64), y.slice(0, 64));
});

const check = suite('the check of the kernels at start');

check('passes, and says how they run', () => {
  const { kernels: compiled, engine } = compileKernels();
  assert.is(engine.knownAnswer, 'right');
  assert.is(compiled.joined, engine.revectorized);
  assert.is(engine.vectorBits, engine.revectorized ? 256 : 128);
});

check('names those that are wrong', () => {
  const sgd = { ...kernelChecks.sgd, answer: 'another' };
  assert.throws(
    () => compileKernels({ ...kernelChecks, sgd }),
    /kernels compute other bits than they should on .*, V8 .*: sgd$/,
  );
});

const flat = suite('sums over flat buffers');

flat('allFinite finds one bad value among many', () => {
  floats(4096, 1024).fill(1);
  assert.is(kernels.allFinite(4096, 1024), 1);
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    floats(4096, 1024)[1023] = bad;
    assert.is(kernels.allFinite(4096, 1024), 0, `${bad}`);
  }
});

gather.run();
loss.run();
activation.run();
dropout.run();
check.run();
flat.run();
