import { ExitCode, UserError } from '../errors.js';
import type { Handle } from './flavor.js';
import type { Library } from './library.js';

/** @throws {UserError} with MPI's own words if `code` is no success. @param doing such as "receiving from rank 3" */
export function check(library: Library, code: number, doing: string): void {
  if (code !== 0) throw mpiError(library, code, doing);
}

export const mpiError = (library: Library, code: number, doing: string) =>
  new UserError(`MPI: ${doing}: ${errorText(library, code)}`, ExitCode.environment);

function errorText({ functions }: Library, code: number): string {
  // The longest of any MPI.
  const text = new Uint8Array(512);
  const length = new Int32Array(1);
  if (functions.errorString(code, text, length) !== 0) return `error ${code}`;
  return `${Buffer.from(text.subarray(0, length[0]))}`
    .replace(/\0.*/s, '')
    .trim()
    .replace(/\s*\n\s*/g, '; ');
}

/** An array of requests as the library has it in memory. */
export class Requests {
  readonly #handles: Int32Array | BigInt64Array;
  readonly #each: (Int32Array | BigInt64Array)[];
  /** Of all. */
  readonly address: bigint;

  constructor({ flavor, addressOf }: Library, length: number) {
    // One more, so that there is an address where there are none. A buffer of its own stays in its place.
    const memory = new ArrayBuffer((length + 1) * flavor.handleBytes);
    this.#handles = flavor.handleBytes === 4 ? new Int32Array(memory) : new BigInt64Array(memory);
    this.#each = Array.from({ length }, (_, i) => this.#handles.subarray(i, i + 1));
    this.address = addressOf(this.#handles);
  }

  /** One of them. */
  at(index: number): ArrayBufferView {
    return this.#each[index]!;
  }

  get length(): number {
    return this.#each.length;
  }
}

/** A handle that a function of MPI writes. */
export function madeHandle({ flavor }: Library, make: (into: ArrayBufferView) => void): Handle {
  const made = flavor.handleBytes === 4 ? new Int32Array(1) : new BigInt64Array(1);
  make(made);
  return made[0]!;
}

/** An int that a function of MPI writes. */
export function madeInt(make: (into: Int32Array) => void): number {
  const made = new Int32Array(1);
  make(made);
  return made[0]!;
}
