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

/** Tasks of a thread at once: while one waits for sharp, or is at its end, the other goes on. */
const tasksPerThread = 2;

/**
 * Threads for work that keeps `cores` cores busy. sharp computes in libuv's threads; beside them decoding takes half a core's
 * JavaScript for two cores at most, and each thread takes 0.1 s of a core to start.
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
    // It would keep a thread from hearing that sharp has finished.
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
 * All threads of the process share libuv's, of which there are 4 unless told otherwise before their first use. Node 20 has used
 * them by now (its module loader does), later versions have not. One more waits for the disk, while a journal is kept.
 */
export function useCores(cores: number): void {
  if (cores >= 4) process.env['UV_THREADPOOL_SIZE'] ??= String(cores + 1);
}
