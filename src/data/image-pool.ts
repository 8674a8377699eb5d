import { Piscina } from 'piscina';
import type { DecodeResult, DecodeTask, DrawTask } from './image-tasks.js';
import type { InspectResult, InspectTask } from './inspect/tasks.js';

/** Threads that decode, draw and inspect images, one sharp each. Close it after use. */
export interface ImagePool {
  decode(task: DecodeTask): Promise<DecodeResult>;
  draw(task: DrawTask): Promise<void>;
  inspect(task: InspectTask): Promise<InspectResult>;
  close(): Promise<void>;
}

export function openImagePool(threads: number): ImagePool {
  // sharp computes in libuv's pool, which all threads of the process share and which has 4 threads unless told
  // otherwise before its first use. Node 20 has used it by now (its module loader does), later versions have not.
  if (threads > 4) process.env['UV_THREADPOOL_SIZE'] ??= String(threads);
  const pool = new Piscina({
    filename: new URL('../workers/image.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    // Blocking waits would keep a thread from hearing that sharp has finished.
    atomics: 'disabled',
  });
  return {
    decode: (task) => pool.run(task, { name: 'decode' }),
    draw: (task) => pool.run(task, { name: 'draw' }),
    inspect: (task) => pool.run(task, { name: 'inspect' }),
    close: () => pool.destroy(),
  };
}
