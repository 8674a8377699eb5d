import { ExitCode, UserError } from '../errors.js';

/**
 * What the process needs besides the shared memory: Node itself and the main thread; and each thread's own heap and stack. Measured with
 * Node 26, which takes some 20 MiB more than Node 20.
 */
const processBytes = 140 * 2 ** 20;
const threadBytes = 16 * 2 ** 20;

/** A 32-bit address reaches 4 GiB. */
const mostBytes = 2 ** 32;

/** Bytes of the shared memory where the whole process is to stay below `memory`; very many threads may still have half of it. */
export const sharedMemoryWithin = (memory: number, threads: number): number =>
  memory - processBytes - Math.min(threads * threadBytes, memory / 2);

/** The other way round: bytes of the whole process with so much shared memory. */
export function memoryWith(shared: number, threads: number): number {
  const alone = shared + processBytes;
  return alone + Math.min(threads * threadBytes, alone);
}

/** How much shared memory a run may take, bytes. */
export interface SharedMemoryLimit {
  /** All samples stay in it that have a place here. */
  readonly wanted: number;
  /** What it may take where it cannot do with `wanted`. */
  readonly most: number;
  /** What to throw where it needs more. */
  refusal(needed: number): UserError;
}

/**
 * @param sharedBytes what `--memory` leaves for the shared memory. Where it is undefined, nobody has asked for a limit: it is a quarter of
 * the machine's memory, or of what the container has, and as much more as the run cannot do without.
 * @param machine bytes that the process may have
 */
export function sharedMemoryLimit(
  sharedBytes: number | undefined,
  threads: number,
  machine: number,
): SharedMemoryLimit {
  const refuse = (needed: number, says: (need: number) => string, exitCode: ExitCode) => {
    if (needed > mostBytes) {
      return new UserError(
        `this run needs ${mebibytes(needed)} MiB of shared memory, and 4096 MiB is the limit; use smaller images, a smaller network ` +
          'or a smaller batch',
        ExitCode.usage,
      );
    }
    const need = mebibytes(memoryWith(needed, threads));
    return new UserError(`this run needs ${need} MiB of memory, and ${says(need)}`, exitCode);
  };
  if (sharedBytes !== undefined) {
    const limit = Math.min(sharedBytes, mostBytes);
    const given = Math.floor(memoryWith(sharedBytes, threads) / 2 ** 20);
    const says = (need: number) =>
      `--memory allows ${given} MiB; give it --memory ${need}MB, or use a smaller batch`;
    return { wanted: limit, most: limit, refusal: (needed) => refuse(needed, says, ExitCode.usage) };
  }
  const within = (memory: number) => Math.min(sharedMemoryWithin(memory, threads), mostBytes);
  const says = () =>
    `the machine, or its container, has ${Math.floor(machine / 2 ** 20)} MiB; use a smaller batch`;
  return {
    wanted: within(machine / 4),
    most: within(machine),
    refusal: (needed) => refuse(needed, says, ExitCode.environment),
  };
}

const mebibytes = (bytes: number) => Math.ceil(bytes / 2 ** 20);
