import { fileURLToPath } from 'node:url';
import { described, ExitCode, UserError } from '../errors.js';

/**
 * A path that a program gives, as text or as the URL of a file.
 * @param of the function or option that takes it
 * @param argument its name there
 * @throws UserError (exit code usage) for anything else
 */
export function pathOf(path: string | URL, of: string, argument: string): string {
  const refusal = (found: string) =>
    new UserError(`${of} takes a path or a file URL; found ${found}`, ExitCode.usage, { path: argument });
  if (path === '') throw refusal('an empty text');
  if (typeof path !== 'string' && !(path instanceof URL)) throw refusal(described(path));
  if (typeof path === 'string' && !path.startsWith('file:')) return path;
  try {
    return fileURLToPath(path);
  } catch (error) {
    throw refusal(`${path}: ${(error as Error).message}`);
  }
}
