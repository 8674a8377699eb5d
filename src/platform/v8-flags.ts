import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

/**
 * The only module that sets V8 flags. **They apply to the whole process**: to all threads, and to all WebAssembly compiled afterwards,
 * including that of a program which uses lockstep as a library. None of them changes a result.
 */

const v8Version = Number.parseInt(process.versions.v8, 10);

/** Whether V8 can join 128-bit operations into 256-bit ones (revectorization): from version 13 (Node 24) on, on x64 with AVX2. */
export function canJoinVectors(): boolean {
  if (process.arch !== 'x64' || v8Version < 13) return false;
  // Only Linux lists CPU features. On other systems, machines that run Node 24 are assumed to have AVX2.
  return process.platform !== 'linux' || /\bavx2\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
}

/** Has WebAssembly compiled eagerly and only by the optimizing compiler, so that the checked code is the code that runs. */
export function compileWhole(): void {
  setFlagsFromString('--no-liftoff');
  setFlagsFromString('--no-wasm-lazy-compilation');
  // V8 14 inlines by feedback of its baseline compiler, and aborts where that is switched off.
  if (v8Version >= 13) setFlagsFromString('--no-wasm-inlining');
}

/** Switches the joining of vectors on or off. Only where `canJoinVectors`. */
export function joinVectors(wanted: boolean): void {
  setFlagsFromString(wanted ? '--experimental-wasm-revectorize' : '--no-experimental-wasm-revectorize');
}
