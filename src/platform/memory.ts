import type { SharedMemory } from '../kernels/kernels.js';
import { noSharedMemory } from './machine.js';

const pageBytes = 65536;

/**
 * Memory that all threads share, zeroed; it never grows. At most 4 GiB, which is what a 32-bit address reaches.
 * @throws UserError if the system has not that much
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
