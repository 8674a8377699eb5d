import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { requireRuntime } from '../platform/machine.js';
import type { CompiledKernels } from './kernels.js';
import { kernelHash, knownAnswer } from './known-answer.js';

/** What runs the kernels; a run's summary records it. None of it changes a bit of the result. */
export interface KernelEngine {
  /** Width of the vector operations that the engine was asked for. */
  readonly vectorBits: 128 | 256;
  /** Whether V8 was asked to join 128-bit operations into 256-bit ones (its experimental revectorization). */
  readonly revectorized: boolean;
  /** What the check at start found. `wrong at 256 bits`: the kernels run at 128 bits, where they are right. */
  readonly knownAnswer: 'right' | 'wrong at 256 bits';
}

/**
 * Compile the kernels and check them. V8's flags hold for the whole process and for all WebAssembly that it compiles later:
 * revectorization where V8 has it, and no baseline compiler, so that the code that is checked is the code that runs.
 *
 * @param answer the `kernelHash` to hold them to
 * @throws UserError (exit code environment) where there is no WebAssembly, or none with vectors
 * @throws Error if the kernels are wrong even without revectorization: nothing that this machine computes could be trusted
 */
export function compileKernels(answer = knownAnswer): { kernels: CompiledKernels; engine: KernelEngine } {
  requireRuntime();
  const bytes = readFileSync(new URL('./kernels.wasm', import.meta.url));
  setFlagsFromString('--no-liftoff');
  setFlagsFromString('--no-wasm-lazy-compilation'); // all functions at once, on all cores
  // V8 14 inlines by what its baseline compiler saw, and aborts where there is none.
  if (v8Version >= 13) setFlagsFromString('--no-wasm-inlining');
  if (canJoin()) {
    setFlagsFromString('--experimental-wasm-revectorize');
    const kernels = { module: new WebAssembly.Module(bytes), joined: true };
    if (kernelHash(kernels) === answer) {
      return { kernels, engine: { vectorBits: 256, revectorized: true, knownAnswer: 'right' } };
    }
    setFlagsFromString('--no-experimental-wasm-revectorize');
  }
  // V8 keeps compiled code by the module's bytes: a custom section without content makes them others.
  const emptySection = [0, 1, 0];
  const kernels = {
    module: new WebAssembly.Module(Buffer.concat([bytes, Buffer.from(emptySection)])),
    joined: false,
  };
  if (kernelHash(kernels) !== answer) {
    throw new Error(`the kernels' known answer is wrong on ${process.arch}, V8 ${process.versions.v8}`);
  }
  const knownAnswerFound = canJoin() ? 'wrong at 256 bits' : 'right';
  return { kernels, engine: { vectorBits: 128, revectorized: false, knownAnswer: knownAnswerFound } };
}

const v8Version = Number.parseInt(process.versions.v8, 10);

/** V8 joins vectors from version 13 (Node 24) on, on x64 with AVX2. */
function canJoin(): boolean {
  if (process.arch !== 'x64' || v8Version < 13) return false;
  // Only Linux tells; elsewhere x64 without AVX2 is older than the systems that Node 24 runs on.
  return process.platform !== 'linux' || /\bavx2\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
}
