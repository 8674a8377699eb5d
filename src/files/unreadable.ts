import { ExitCode, UserError } from '../errors.js';

/** What the system has against a file that is read, and whose fault that is. */

/**
 * Codes that tell of the path: nothing is there, or something other than a file. Whoever wrote the dataset mends it, and trying again gives
 * the same. Every other code (EIO, EMFILE, ENOMEM, ESTALE, EACCES, ...) tells of the machine, or of who asks: it says nothing about the
 * file.
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
 * What to throw for an error met while reading `path`: what the system says is the user's to mend and becomes a UserError, of exit code
 * environment where it is the machine's, else data; anything else stays as it is.
 */
export function unreadable(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UserError || !('code' in error)) return error;
  const exitCode = isOfMachine(error) ? ExitCode.environment : ExitCode.data;
  return new UserError(`${path}: cannot be read: ${error.message}`, exitCode, { cause: error });
}

/** What `read` gives; what it throws goes through `unreadable`. */
export function whileReading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unreadable(path, error);
  }
}
