import { availableParallelism } from 'node:os';

/** V8 runs out of address space between 512 and 768 (Node 20), and ends the process. */
export const mostThreads = 512;

/** As many as the machine runs at once. */
export const defaultThreads = (): number => Math.min(availableParallelism(), mostThreads);
