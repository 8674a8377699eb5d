import { ThreadPool } from '../../platform/pool.js';
import type { InspectResult, InspectTask } from '../inspect/tasks.js';
import type { DecodeResult, DecodeTask, DrawTask } from './image-tasks.js';

/** Threads that decode, draw and inspect images. Close it after use. */
export interface ImagePool {
  decode(task: DecodeTask): Promise<DecodeResult>;
  draw(task: DrawTask): Promise<void>;
  inspect(task: InspectTask): Promise<InspectResult>;
  close(): Promise<void>;
}

/** Tasks per thread at once: one goes on while the other waits for sharp. */
const tasksPerThread = 2;

/**
 * Opens a pool whose work keeps `cores` cores busy. sharp computes in libuv's threads, and one JavaScript thread is enough to feed two
 * of them. Starting a thread takes 0.1 s of a core.
 * @param inJavaScript whether the work is done in the threads themselves
 */
export function openImagePool(cores: number, inJavaScript: boolean): ImagePool {
  useCores(cores);
  const threads = inJavaScript ? cores : Math.ceil(cores / 2);
  const pool = new ThreadPool({
    worker: 'image',
    minThreads: threads,
    maxThreads: threads,
    tasksPerThread,
    // A blocking wait would keep the thread from noticing that sharp has finished.
    blocks: false,
  });
  return {
    decode: (task) => pool.run(task, 'decode'),
    draw: (task) => pool.run(task, 'draw'),
    inspect: (task) => pool.run(task, 'inspect'),
    close: () => pool.close(),
  };
}

/**
 * Sets the size of libuv's thread pool, which all threads of the process share; the default is 4. It must be set before the pool's first
 * use, so it has no effect on Node 20, whose module loader uses the pool. The extra thread waits for the disk while a journal is kept.
 */
export function useCores(cores: number): void {
  if (cores >= 4) process.env['UV_THREADPOOL_SIZE'] ??= String(cores + 1);
}
