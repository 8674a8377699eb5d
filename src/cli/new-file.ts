import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { ExitCode, UserError } from '../errors.js';

/**
 * @param option that names another one
 * @throws UserError (exit code usage) where the file is there already, (environment) where its folder is not
 */
export function requireNew(path: string, option: string): void {
  if (existsSync(path))
    throw new UserError(`${path} is there already; name another file with ${option}`, ExitCode.usage);
  const folder = dirname(path);
  if (existsSync(folder)) return;
  throw new UserError(
    `${path} cannot be written: there is no folder ${folder}; make it, or name another one with ${option}`,
    ExitCode.environment,
  );
}
