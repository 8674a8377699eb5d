import { mix } from '../numerics/random.js';
import type { Kernels, SharedMemory } from './kernels.js';
import type { Signatures } from './signatures.js';

/**
 * A kernel is checked in cases: calls with all widths of blocks, with tails, with each option. Their inputs are the same everywhere. A
 * training checks at its start that the bits of their outputs are known ones (`known-answer.ts`); a test, that they are what a plain
 * reference in double precision says.
 */

type Values = Float32Array | Float64Array | Uint32Array | Uint8Array;

export interface Case {
  run(kernels: Kernels): void;
  /** What the kernel writes. */
  readonly outputs: readonly Values[];
  /** What it must write, from the inputs as they are before `run`; NaN where nothing is said. */
  expected(): readonly ArrayLike<number>[];
  /** The largest difference, relative to an output's largest value; 0 for a kernel that only moves values. By default 2e-6. */
  readonly tolerance?: number;
  /** Bytes behind each output that the kernel may write too, and other places where it may. */
  readonly slack?: number;
  readonly scratch?: readonly Values[];
}

export type MakeCase = (memory: CaseMemory) => Case;

export interface Check {
  /** `answerOf` the cases, where the kernel is right. A change of its arithmetic changes it, with the numerics version. */
  readonly answer: string;
  readonly cases: readonly MakeCase[];
}

/** The checks of a family's kernels. */
export type Checks = { readonly [K in keyof Signatures]?: Check };

/** Bytes of the memory in which a case lays out what it needs. */
export const caseBytes = 4 * 65536;

const noise = Float32Array.from({ length: 4099 }, (_, i) => mix(0, i) / 2 ** 31 - 1);

/** Memory for one case after the other: each finds the same. */
export class CaseMemory {
  readonly buffer: SharedArrayBuffer;
  #end = 0;
  #drawn = 0;

  constructor({ buffer }: SharedMemory) {
    this.buffer = buffer;
    this.clear();
  }

  clear(): void {
    new Uint8Array(this.buffer, 0, this.#end).fill(0);
    this.#end = 1024; // 0 means that there is nothing; some kernels read before an address
    this.#drawn = 0;
  }

  /** An input: float32 in [-1, 1) with all their digits, each another, or what `change` makes of them. */
  floats(count: number, change?: (value: number, index: number) => number): Float32Array {
    const values = this.zeros(count);
    for (let i = 0; i < count; ) {
      const some = noise.subarray(this.#drawn % noise.length).subarray(0, count - i);
      values.set(some, i);
      i += some.length;
      this.#drawn += some.length;
    }
    if (change !== undefined) for (let i = 0; i < count; i++) values[i] = change(values[i]!, i);
    return values;
  }

  /** An output, or scratch. */
  zeros(count: number): Float32Array {
    return new Float32Array(this.buffer, this.#take(count * 4), count);
  }

  /** An input of float64, as `floats` has them. */
  doubles(count: number): Float64Array {
    const doubles = new Float64Array(this.buffer, this.#take(count * 8), count);
    doubles.set(this.floats(count));
    return doubles;
  }

  words(values: ArrayLike<number>): Uint32Array {
    const words = this.zeroWords(values.length);
    words.set(values);
    return words;
  }

  zeroWords(count: number): Uint32Array {
    return new Uint32Array(this.buffer, this.#take(count * 4), count);
  }

  zeroBytes(count: number): Uint8Array {
    return new Uint8Array(this.buffer, this.#take(count), count);
  }

  bytes(count: number): Uint8Array {
    const bytes = this.zeroBytes(count);
    for (let i = 0; i < count; i++) bytes[i] = mix(1, this.#drawn++);
    return bytes;
  }

  #take(bytes: number): number {
    const at = this.#end;
    this.#end = (at + bytes + 64 + 31) & ~31; // kernels may touch a few bytes behind
    if (this.#end > this.buffer.byteLength) throw new RangeError('a case takes more than caseBytes');
    return at;
  }
}

/** An address, or 0 for nothing. */
export const at = (values: { readonly byteOffset: number } | undefined): number => values?.byteOffset ?? 0;

/** A hash of the bits that a kernel writes in all of its cases. */
export function answerOf({ cases }: Check, kernels: Kernels, memory: CaseMemory): string {
  let hash = 0;
  for (const make of cases) {
    memory.clear();
    const { run, outputs } = make(memory);
    run(kernels);
    for (const { byteOffset, byteLength } of outputs) {
      const words = new Uint32Array(memory.buffer, byteOffset, Math.ceil(byteLength / 4));
      // Few operations, for this runs before any of it is compiled. Each step is one to one: a single word that differs always shows.
      for (let i = 0; i < words.length; i++) {
        hash = Math.imul((hash ^ words[i]!) + 1, 0x9e3779b1);
        hash ^= hash >>> 15;
      }
    }
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
