import type { CompiledKernels, SharedMemory } from './kernels.js';
import { type KernelChecks, wrongKernels } from './known-answer.js';

/** What runs the kernels; a run's summary records it. None of it changes a bit of the result. */
export interface KernelEngine {
  /** Width of the vector operations that the engine was asked for. */
  readonly vectorBits: 128 | 256;
  /** Whether V8 was asked to join 128-bit operations into 256-bit ones (its experimental revectorization). */
  readonly revectorized: boolean;
  /** What the check at start found. `wrong at 256 bits`: the kernels run at 128 bits, where they are right. */
  readonly knownAnswer: 'right' | 'wrong at 256 bits';
}

export interface Compiled {
  readonly kernels: CompiledKernels;
  readonly engine: KernelEngine;
}

/** Where the kernels are compiled. */
export interface WebAssemblyHost {
  /** For errors. */
  readonly name: string;
  /** `checkBytes` in which to check the kernels. */
  readonly memory: SharedMemory;
  /** Has modules compiled from now on with 128-bit operations joined into 256-bit ones, or not; undefined where there is no such thing. */
  readonly joinVectors?: (wanted: boolean) => void;
}

/**
 * Compile the kernels and check them: with joined vectors where that is possible and right, else without.
 *
 * @param checks what they are held to
 * @throws Error that names the wrong ones if some are wrong without joined vectors too
 */
export function checkedKernels(
  bytes: Uint8Array<ArrayBuffer>,
  host: WebAssemblyHost,
  checks?: KernelChecks,
): Compiled {
  const { joinVectors, memory } = host;
  if (joinVectors !== undefined) {
    joinVectors(true);
    const kernels = { module: new WebAssembly.Module(bytes), joined: true };
    if (wrongKernels(kernels, memory, checks).length === 0) {
      return { kernels, engine: { vectorBits: 256, revectorized: true, knownAnswer: 'right' } };
    }
    joinVectors(false);
  }
  // V8 keeps compiled code by the module's bytes: a custom section without content makes them others.
  const emptySection = [0, 1, 0];
  const others = new Uint8Array(bytes.length + emptySection.length);
  others.set(bytes);
  others.set(emptySection, bytes.length);
  const kernels = { module: new WebAssembly.Module(others), joined: false };
  const wrong = wrongKernels(kernels, memory, checks);
  if (wrong.length > 0) {
    throw new Error(`kernels compute other bits than they should on ${host.name}: ${wrong.join(', ')}`);
  }
  const knownAnswer = joinVectors === undefined ? 'right' : 'wrong at 256 bits';
  return { kernels, engine: { vectorBits: 128, revectorized: false, knownAnswer } };
}
