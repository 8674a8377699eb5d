import { ExitCode, UserError } from '../errors.js';

/**
 * What to throw for an error met while writing `path`: a system call that failed (a full disk, a folder that may not be
 * written to) can be fixed by the user and becomes a UserError, exit code environment; anything else stays as it is.
 */
export function unwritable(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error;
  // An error from a thread has lost its code on the way, but not its message.
  if (!('code' in error && 'syscall' in error) && !/^E[A-Z0-9]+: /.test(error.message)) return error;
  return new UserError(`${path} cannot be written: ${error.message}`, ExitCode.environment, { cause: error });
}
