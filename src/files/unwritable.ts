import { ExitCode, UserError } from '../errors.js';

/**
 * The error to throw for one that occurred while writing `path`. A failed system call (a full disk, a missing permission), which the user
 * can fix, becomes a UserError with exit code environment. Other errors are returned unchanged.
 */
export function unwritable(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error;
  // An error from another thread has lost its code, but not its message.
  if (!('code' in error && 'syscall' in error) && !/^E[A-Z0-9]+: /.test(error.message)) return error;
  return new UserError(`${path} cannot be written: ${error.message}`, ExitCode.environment, {
    cause: error,
    path,
  });
}
