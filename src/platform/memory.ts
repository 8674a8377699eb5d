import type { SharedMemory } from '../kernels/kernels.js';
import { noSharedMemory } from './machine.js';

const pageBytes = 65536;

/**
 * Zeroed memory that all threads share. It never grows. At most 4 GiB, the range of a 32-bit address.
 * @throws UserError (exit code environment) if the system does not have enough memory
 */
export function createSharedMemory(bytes: number): SharedMemory {
  const pages = Math.ceil(bytes / pageBytes);
  try {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    return memory as unknown as SharedMemory;
  } catch (cause) {
    throw noSharedMemory(bytes, cause);
  }
}
