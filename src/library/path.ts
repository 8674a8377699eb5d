import { fileURLToPath } from 'node:url';
import { ExitCode, UserError } from '../errors.js';
import { argumentError } from './argument-error.js';

/**
 * A path that a program gives, as text or as the URL of a file.
 * @param of the function or option that takes it
 * @param argument its name there
 * @throws UserError (exit code usage) for anything else
 */
export function pathOf(path: string | URL, of: string, argument: string): string {
  if (path === '' || (typeof path !== 'string' && !(path instanceof URL)))
    throw argumentError(of, 'a path or a file URL', path, argument);
  if (typeof path === 'string' && !path.startsWith('file:')) return path;
  try {
    return fileURLToPath(path);
  } catch (error) {
    throw new UserError(`${of}: ${path} is no path of a file: ${(error as Error).message}`, ExitCode.usage, {
      path: argument,
      cause: error,
    });
  }
}
