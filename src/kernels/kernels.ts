import type { Signatures } from './signatures.js';

/** The kernels over a shared memory. */
export interface Kernels extends Signatures {
  /** 1 if the engine joins the halves of a lane group: for kernels that then go another way, to the same bits. */
  readonly joined: 0 | 1;
}

/** Input height and width, window and stride of each, output rows and columns. */
export type PoolGeometry = [
  height: number,
  width: number,
  windowHeight: number,
  windowWidth: number,
  strideHeight: number,
  strideWidth: number,
  rows: number,
  columns: number,
];

/** What a border around a picture adds above and to the left. */
export type BorderGeometry = [top: number, left: number];

/** Bytes of a lane group: 8 samples of float32. */
export const groupBytes = 32;
/** Samples of a micro-batch, one a lane. */
export const lanes = 8;
/** Terms of a block of a long sum: `BLOCK` of `shared/vector.as.ts`. */
export const termsOfBlock = 256;

/** The kernels compiled, by `compile.ts`; can be posted to worker threads. */
export interface CompiledKernels {
  /** A `WebAssembly.Module`: the types of a program that uses lockstep may know none. */
  readonly module: object;
  /** Whether the engine joins the halves of a lane group into 256-bit operations. */
  readonly joined: boolean;
}

/** A `WebAssembly.Memory` that all threads share. Named apart from the DOM's type, which comes with preact's and knows no shared ones. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

/** The kernels over a shared memory. */
export function instantiateKernels({ module, joined }: CompiledKernels, memory: SharedMemory): Kernels {
  const { exports } = new WebAssembly.Instance(module as WebAssembly.Module, {
    env: { memory: memory as unknown as WebAssembly.Memory },
  });
  return { ...(exports as unknown as Signatures), joined: joined ? 1 : 0 };
}
