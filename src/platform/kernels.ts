import { readFileSync } from 'node:fs';
import { type Compiled, checkedKernels } from '../kernels/compile.js';
import { checkBytes, type KernelChecks } from '../kernels/known-answer.js';
import { requireRuntime } from './machine.js';
import { createSharedMemory } from './memory.js';
import { canJoinVectors, compileWhole, joinVectors } from './v8-flags.js';

/**
 * Compiles the kernels on Node, and checks them. Sets V8 flags for the whole process.
 *
 * @param checks known answers that the kernels must give
 * @throws UserError (exit code environment) where there is no WebAssembly, or no SIMD
 * @throws Error with the kernels' names if they are wrong even without joined vectors, so that no result could be trusted
 */
export function compileKernels(checks?: KernelChecks): Compiled {
  requireRuntime();
  compileWhole();
  return checkedKernels(
    readFileSync(new URL('../kernels/kernels.wasm', import.meta.url)),
    {
      name: `${process.arch}, V8 ${process.versions.v8}`,
      memory: createSharedMemory(checkBytes),
      ...(canJoinVectors() && { joinVectors }),
    },
    checks,
  );
}
