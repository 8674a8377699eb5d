import { readFileSync } from 'node:fs';
import { type Compiled, checkedKernels } from '../kernels/compile.js';
import { checkBytes, type KernelChecks } from '../kernels/known-answer.js';
import { requireRuntime } from './machine.js';
import { createSharedMemory } from './memory.js';
import { canJoinVectors, compileWhole, joinVectors } from './v8-flags.js';

/** Compiled and checked once a process: it takes 0.1 to 0.3 s, and every engine and pool of classifiers asks for them. */
let checked: Compiled | undefined;

/**
 * The kernels, compiled on Node and checked. Sets V8 flags for the whole process.
 *
 * @param checks known answers that the kernels must give, if not their own
 * @throws UserError (exit code environment) where there is no WebAssembly, or no SIMD
 * @throws Error with the kernels' names if they are wrong even without joined vectors, so that no result could be trusted
 */
export function compileKernels(checks?: KernelChecks): Compiled {
  if (checks !== undefined) return compile(checks);
  checked ??= compile();
  return checked;
}

function compile(checks?: KernelChecks): Compiled {
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
