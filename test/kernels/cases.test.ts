import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answerOf, CaseMemory, type MakeCase } from '#lockstep/kernels/case.js';
import { instantiateKernels } from '#lockstep/kernels/kernels.js';
import { checkBytes, kernelChecks } from '#lockstep/kernels/known-answer.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import { root } from '../support/engine-helpers.js';

/** Each kernel, in each of its cases, against its plain reference. */
const cases = suite('kernels and their plain references');

const shared = createSharedMemory(checkBytes);
const memory = new CaseMemory(shared);
const bytes = new Uint8Array(shared.buffer);
// As they are, right or wrong.
const module = new WebAssembly.Module(readFileSync(join(root, 'dist/kernels/kernels.wasm')));
const kernels = instantiateKernels({ module, joined: false }, shared);

function agrees(make: MakeCase): void {
  memory.clear();
  const { run, outputs, expected, tolerance = 2e-6, slack = 0, scratch = [] } = make(memory);
  const right = expected();
  assert.is(right.length, outputs.length);
  const before = bytes.slice();
  run(kernels);
  outputs.forEach((output, o) => {
    const values = Array.from(right[o]!);
    assert.is(output.length, values.length, `output ${o}`);
    const largest = values.reduce((most, v) => Math.max(most, Number.isNaN(v) ? 0 : Math.abs(v)), 0);
    values.forEach((value, i) => {
      if (Number.isNaN(value)) return;
      const good = Math.abs(output[i]! - value) <= tolerance * largest;
      assert.ok(good, `output ${o}, value ${i}: ${output[i]}, not ${value}`);
    });
  });
  const after = bytes.slice();
  for (const { byteOffset, byteLength } of [...outputs, ...scratch]) {
    for (const copy of [before, after]) copy.fill(0, byteOffset, byteOffset + byteLength + slack);
  }
  const other = after.findIndex((byte, i) => byte !== before[i]);
  assert.is(other, -1, `writes at ${other}, which is none of its outputs`);
}

for (const [name, check] of Object.entries(kernelChecks)) {
  cases(`${name} agrees in ${check.cases.length} cases, and writes nothing else`, () =>
    check.cases.forEach(agrees),
  );
  // If its arithmetic was meant to change, or its cases did, this is where the new answer is told.
  cases(`${name} has its known answer`, () => assert.is(answerOf(check, kernels, memory), check.answer));
}

cases.run();
