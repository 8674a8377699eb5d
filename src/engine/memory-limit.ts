import { totalmem } from 'node:os';

/** What the process needs besides the shared memory: Node itself and the main thread; and each thread's own heap and stack. */
const processBytes = 120 * 2 ** 20;
const threadBytes = 16 * 2 ** 20;

/** `--memory` by default: a quarter of the machine's, or of what the process may have of it. */
export function defaultMemory(): number {
  const allowed = process.constrainedMemory();
  return Math.floor((allowed > 0 ? Math.min(allowed, totalmem()) : totalmem()) / 4);
}

/** Bytes of the shared memory where the whole process is to stay below `memory`; very many threads may still have half of it. */
export const sharedMemoryWithin = (memory: number, threads: number): number =>
  memory - processBytes - Math.min(threads * threadBytes, memory / 2);
