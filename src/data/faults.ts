import { ExitCode, UserError } from '../errors.js';

/** The errors of a dataset, as a user sees them. */

export function dataError(message: string): UserError {
  return new UserError(message, ExitCode.data);
}

/** `items`, a line each, the first `most` of them and the number of the others. */
export function listed(items: readonly string[], most: number): string {
  const more = items.length > most ? [`and ${items.length - most} more`] : [];
  return [...items.slice(0, most), ...more].join('\n');
}

/**
 * What to throw for an error met while writing `what`: a system call that failed (a full disk, a folder that may not be
 * written to) is the user's to mend, anything else stays as it is.
 */
export function writeError(what: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error;
  // An error from a thread has lost its code on the way, but not its message.
  if (!('code' in error && 'syscall' in error) && !/^E[A-Z]+: /.test(error.message)) return error;
  return new UserError(`${what} cannot be written: ${error.message}`, ExitCode.environment, { cause: error });
}
