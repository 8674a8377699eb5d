import { availableParallelism, totalmem } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { compileKernels } from './kernels.js';
import { createSharedMemory } from './memory.js';
import { nodeFiles } from './node-files.js';
import type { Platform } from './platform.js';
import { ThreadPool } from './pool.js';

/** Node, with a Piscina pool. */
export const nodePlatform: Platform = {
  get cores() {
    return availableParallelism();
  },
  get memory() {
    const allowed = process.constrainedMemory();
    return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
  },
  files: nodeFiles,
  compileKernels: () => compileKernels(),
  createSharedMemory,
  startThreads(setup, onDeath) {
    const { threads } = setup;
    const pool = new ThreadPool({
      worker: 'train',
      workerData: setup,
      minThreads: threads,
      maxThreads: threads,
      tasksPerThread: 1,
      blocks: true,
      onDeath,
    });
    return { run: (task) => pool.run(task), close: () => pool.close() };
  },
  pause: () => setImmediate(),
};
