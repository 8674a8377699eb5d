import { readFileSync } from 'node:fs';
import { type Compiled, checkedKernels } from '../kernels/compile.js';
import { checkBytes, type KernelChecks } from '../kernels/known-answer.js';
import { requireRuntime } from './machine.js';
import { createSharedMemory } from './memory.js';
import { canJoinVectors, compileWhole, joinVectors } from './v8-flags.js';

/**
 * The kernels, compiled by Node and checked. Sets V8's flags, which hold for the whole process.
 *
 * @param checks what they are held to
 * @throws UserError (exit code environment) where there is no WebAssembly, or none with vectors
 * @throws Error if kernels are wrong even without joined vectors, by their names: nothing that this machine computes could be trusted
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
