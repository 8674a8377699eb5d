import { readFileSync } from 'node:fs';
import { ExitCode, UserError } from '../errors.js';

/** lockstep's requirements on Node and the system, and the errors where they are not met. */

/** The smallest module with a vector: `i32.const 0, i8x16.splat, i8x16.popcnt`. */
const vectorModule = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
);

const withoutPermission =
  'start it without --permission, under which no file can be flushed to the disk, so nothing can be trained or packed. evaluate and predict ' +
  'go with --allow-fs-read=* --allow-fs-write=* --allow-worker --allow-addons where the data is packed';

/** Requirements that a Node, by its flags or its machine, may not meet. */
const needs: readonly { readonly isMet: () => boolean; readonly says: string }[] = [
  {
    isMet: () => typeof WebAssembly === 'object',
    says: 'this Node has no WebAssembly, in which lockstep computes; start it without --jitless and --no-expose-wasm',
  },
  {
    isMet: () => WebAssembly.validate(vectorModule),
    says:
      'WebAssembly has no 128-bit vectors (SIMD) here, in which lockstep computes: it needs a processor with SSE 4.1 (x86) or NEON (ARM), ' +
      'and Node started without flags that switch them off',
  },
  {
    isMet: canGenerateCode,
    says:
      'this Node generates no code from strings, which Piscina, the pool of threads, needs to load them; ' +
      'start it without --disallow-code-generation-from-strings',
  },
  {
    isMet: () => isPermitted('worker'),
    says: `Node's permission model allows no threads; ${withoutPermission}`,
  },
];

/** Checks the requirements, before any data is read. @throws UserError (exit code environment) where one is not met */
export function requireRuntime(): void {
  const missing = needs.find(({ isMet }) => !isMet());
  if (missing !== undefined) throw new UserError(missing.says, ExitCode.environment);
}

function canGenerateCode(): boolean {
  try {
    new Function('');
    return true;
  } catch {
    return false;
  }
}

/** `process.permission` exists only in a Node started with `--permission`. */
const isPermitted = (scope: string): boolean =>
  (process as { permission?: { has(scope: string): boolean } }).permission?.has(scope) ?? true;

interface Failure {
  readonly code: string;
  readonly name: string;
  readonly message: string;
}

/** Errors of Node that mean a limit of the machine was reached. */
const limits: readonly {
  readonly is: (error: Failure) => boolean;
  readonly says: (error: Failure) => string;
}[] = [
  {
    is: ({ code }) => code === 'ERR_ACCESS_DENIED',
    says: ({ message }) =>
      `Node's permission model forbids what lockstep needs: ${message}; ${withoutPermission}`,
  },
  {
    is: ({ code }) => code === 'ERR_WORKER_INIT_FAILED',
    says: ({ message }) =>
      `the system starts no more threads: ${message}. Use fewer threads (--threads), or raise what limits them: threads and processes (ulimit -u, ` +
      "a container's pids.max) or address space (ulimit -v)",
  },
  {
    is: ({ code, message }) => code === 'ERR_WORKER_OUT_OF_MEMORY' || message.startsWith('worker exited'),
    says: threadEndedText,
  },
  {
    is: ({ name, message }) =>
      name === 'RangeError' &&
      /allocation failed|could not allocate|Out of memory|Cannot allocate/i.test(message),
    says: ({ message }) =>
      `the system gives no more memory: ${message}. Use fewer threads (--threads) or less memory (--memory)`,
  },
  {
    is: ({ code }) => ['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'].includes(code),
    says: ({ message }) => `the system refuses what lockstep needs: ${message}`,
  },
];

function threadEndedText({ message }: Pick<Error, 'message'>): string {
  return `a worker thread ended: ${message}. What was saved is good; if memory is short, use fewer threads (--threads)`;
}

/** The error for a thread that ended by itself, whatever the cause. */
export const threadEnded = (cause: Error): UserError =>
  new UserError(threadEndedText(cause), ExitCode.environment, { cause });

/** The UserError for an error about the machine's limits; undefined for any other error. */
export function machineFault(error: unknown): UserError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, message } = error;
  const failure = { name, message, code: String((error as NodeJS.ErrnoException).code ?? '') };
  const limit = limits.find(({ is }) => is(failure));
  return limit && new UserError(limit.says(failure), ExitCode.environment, { cause: error });
}

/** Address space that V8 reserves for each WebAssembly memory, whatever its size. */
const reservedBytes = 10 * 2 ** 30;

/** The error where the system does not provide shared memory of this size. */
export const noSharedMemory = (bytes: number, cause: unknown): UserError =>
  new UserError(noSharedMemoryText(bytes), ExitCode.environment, { cause });

function noSharedMemoryText(bytes: number): string {
  const needed = `the system gives no memory that threads share: ${Math.ceil(bytes / 2 ** 20)} MiB are needed`;
  const limit = addressSpaceLimit();
  if (limit === undefined)
    return `${needed}; end other programs, or use less memory (--memory) or fewer threads (--threads)`;
  const gibibytes = (size: number) => `${(size / 2 ** 30).toFixed(1)} GiB`;
  return (
    `${needed}, and for each such memory ${gibibytes(reservedBytes)} of address space, which takes no memory; the limit of this process is ` +
    `${gibibytes(limit)} (ulimit -v). A training needs 24 GiB, evaluate and predict 14 and 10 more for each thread (--threads): raise it, or ` +
    'limit memory itself (--memory, a container)'
  );
}

/** The process's limit of address space, bytes; undefined where there is none, or it is unknown. */
function addressSpaceLimit(): number | undefined {
  try {
    const limit = /^Max address space +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}
