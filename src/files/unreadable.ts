import { ExitCode, UserError } from '../errors.js';

/** System errors while reading a file, and whether the file or the machine is at fault. */

/**
 * Codes about the path itself: nothing is there, or it is no file. A retry gives the same; the dataset must be corrected. All other codes
 * (EIO, EMFILE, ENOMEM, ESTALE, EACCES, ...) are about the machine or the user, and say nothing about the file.
 */
const ofThePath: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'EINVAL',
  'EFBIG',
  'ENXIO',
]);

/** Whether the system refused a call for a reason that says nothing about the file. */
export function isOfMachine(error: unknown): boolean {
  if (!(error instanceof Error && 'syscall' in error)) return false;
  return !ofThePath.has((error as NodeJS.ErrnoException).code ?? '');
}

/**
 * The error to throw for one that occurred while reading `path`. A system error, which the user can fix, becomes a UserError: exit code
 * environment where the machine is at fault, else data. Other errors are returned unchanged.
 */
export function unreadable(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UserError || !('code' in error)) return error;
  const exitCode = isOfMachine(error) ? ExitCode.environment : ExitCode.data;
  return new UserError(`${path}: cannot be read: ${error.message}`, exitCode, { cause: error, path });
}

/** Calls `read`; errors go through `unreadable`. */
export function whileReading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unreadable(path, error);
  }
}
