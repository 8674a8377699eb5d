import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

/**
 * The only place that sets flags of V8. **They hold for the whole process**: for all of its threads, and for all WebAssembly that it
 * compiles from then on, that of a program which uses lockstep as a library too. None of them changes a result.
 */

const v8Version = Number.parseInt(process.versions.v8, 10);

/** V8 joins 128-bit operations into 256-bit ones (its revectorization) from version 13 (Node 24) on, on x64 with AVX2. */
export function canJoinVectors(): boolean {
  if (process.arch !== 'x64' || v8Version < 13) return false;
  // Only Linux tells; elsewhere x64 without AVX2 is older than the systems that Node 24 runs on.
  return process.platform !== 'linux' || /\bavx2\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
}

/** Have WebAssembly compiled once, at once on all cores, and by the optimizing compiler: the code that is checked is the code that runs. */
export function compileWhole(): void {
  setFlagsFromString('--no-liftoff');
  setFlagsFromString('--no-wasm-lazy-compilation');
  // V8 14 inlines by what its baseline compiler saw, and aborts where there is none.
  if (v8Version >= 13) setFlagsFromString('--no-wasm-inlining');
}

/** Have vectors joined, or not, where `canJoinVectors`. */
export function joinVectors(wanted: boolean): void {
  setFlagsFromString(wanted ? '--experimental-wasm-revectorize' : '--no-experimental-wasm-revectorize');
}
