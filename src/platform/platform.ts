import type { UserError } from '../errors.js';
import type { Compiled } from '../kernels/compile.js';
import type { SharedMemory } from '../kernels/kernels.js';
import type { WorkerResult, WorkerSetup, WorkerTask } from '../runtime/setup.js';

/**
 * What an engine needs of where it runs, beside the language, WebAssembly and `performance.now()`: graph, compile, runtime and kernels
 * import nothing else of it. `node.ts` is the one for Node.
 */
export interface Platform {
  /** Threads that the machine runs at once. */
  readonly cores: number;
  /** Bytes of memory that the process may have. */
  readonly memory: number;
  readonly files: Files;
  /** @throws UserError (exit code environment) where the kernels cannot run; Error if they are wrong */
  compileKernels(): Compiled;
  /**
   * Memory that all threads share, zeroed.
   * @throws UserError (exit code environment) if the system has not that much
   */
  createSharedMemory(bytes: number): SharedMemory;
  /**
   * Start `setup.threads` threads, each of which answers a task by a `Worker`. Close them after use.
   * @param onDeath is told when a thread has ended of itself
   * @throws UserError (exit code environment) where none can start
   */
  startThreads(setup: WorkerSetup, onDeath: (cause: UserError) => void): WorkerThreads;
  /** Resolved when the calling thread has seen to its other tasks: long work is done in pieces, with a pause before each. */
  pause(): Promise<void>;
}

export interface WorkerThreads {
  /** @throws UserError (exit code environment) where the thread has ended */
  run(task: WorkerTask): Promise<WorkerResult>;
  close(): Promise<void>;
}

/** Files, as any thread reads them. What the system has against a file is thrown as a UserError. */
export interface Files {
  open(path: string): OpenFile;
  /** CRC-32, as zlib has it. */
  checksum(bytes: Uint8Array): number;
}

export interface OpenFile {
  /**
   * Read exactly `length` bytes.
   * @param position byte of the file
   * @param offset in `into`
   * @returns false where the file ends before
   */
  read(into: Uint8Array, position: number, offset: number, length: number): boolean;
  close(): void;
}
