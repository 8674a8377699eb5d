import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { ExitCode } from '../errors.js';
import { importKoffi } from './koffi.js';

/**
 * MPI_Init blocks the main thread until all ranks are there, and with some launchers for ever if one ended before. So another thread
 * counts: this module is that thread's program too.
 */

interface Guarded {
  /** 1 as soon as MPI is initialised. */
  readonly isDone: Int32Array;
  readonly deadline: number;
  readonly rank: number;
}

/**
 * Runs `initialize`, which blocks. If it lasts longer than `deadline` ms, the process ends with a message and exit code 5.
 * @param rank for the message
 */
export async function guardInitialization<T>(
  deadline: number,
  rank: number,
  initialize: () => T,
): Promise<T> {
  const isDone = new Int32Array(new SharedArrayBuffer(4));
  const guarded: Guarded = { isDone, deadline, rank };
  const guard = new Worker(new URL(import.meta.url), { workerData: { initGuard: guarded } });
  await once(guard, 'online');
  try {
    return initialize();
  } finally {
    Atomics.store(isDone, 0, 1);
    Atomics.notify(isDone, 0);
    await once(guard, 'exit');
  }
}

const guarded: Guarded | undefined = isMainThread ? undefined : workerData?.initGuard;
if (guarded !== undefined) {
  const { isDone, deadline, rank } = guarded;
  if (Atomics.wait(isDone, 0, 0, deadline) === 'timed-out') {
    // The main thread, which would print errors, is the one that hangs; and only the C library ends a process from here.
    writeSync(
      2,
      `error: rank ${rank} has waited ${deadline / 1000} s for all ranks to initialise MPI: at least one did not start, ended before, or ` +
        `cannot be reached. Look at what the other ranks said\n`,
    );
    const libc = (await importKoffi()).load(process.platform === 'darwin' ? 'libSystem.dylib' : 'libc.so.6', {
      global: false,
    });
    libc.func('_exit', 'void', ['int'])(ExitCode.environment);
  }
}
