import type { UserError } from '../errors.js';
import type { Compiled } from '../kernels/compile.js';
import type { SharedMemory } from '../kernels/kernels.js';
import type { WorkerResult, WorkerSetup, WorkerTask } from '../runtime/setup.js';

/**
 * All that an engine needs of its environment, besides the language, WebAssembly and `performance.now()`. Graph, compile, runtime and
 * kernels use nothing else of it. `node.ts` implements it for Node.
 */
export interface Platform {
  /** Number of threads that the machine runs at once. */
  readonly cores: number;
  /** Memory that the process may use, bytes. */
  readonly memory: number;
  readonly files: Files;
  /** @throws UserError (exit code environment) where the kernels cannot run; Error if they are wrong */
  compileKernels(): Compiled;
  /**
   * Creates zeroed memory that all threads share.
   * @throws UserError (exit code environment) if the system does not have enough memory
   */
  createSharedMemory(bytes: number): SharedMemory;
  /**
   * Starts `setup.threads` threads, which run tasks by a `Worker`. Close them after use.
   * @param onDeath called when a thread has ended by itself
   * @throws UserError (exit code environment) where no thread can start
   */
  startThreads(setup: WorkerSetup, onDeath: (cause: UserError) => void): WorkerThreads;
  /** Resolves after the calling thread has handled its other events. Long work is done in pieces, with a pause before each. */
  pause(): Promise<void>;
}

export interface WorkerThreads {
  /** @throws UserError (exit code environment) where the thread has ended */
  run(task: WorkerTask): Promise<WorkerResult>;
  close(): Promise<void>;
}

/** Reads files, on any thread. System errors are thrown as UserErrors. */
export interface Files {
  open(path: string): OpenFile;
  /** CRC-32, as in zlib. */
  checksum(bytes: Uint8Array): number;
}

export interface OpenFile {
  /**
   * Reads exactly `length` bytes.
   * @param position byte offset in the file
   * @param offset byte offset in `into`
   * @returns false where the file ends too early
   */
  read(into: Uint8Array, position: number, offset: number, length: number): boolean;
  close(): void;
}
