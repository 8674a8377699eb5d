import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Commands that a user can copy. */

/** The command that starts lockstep: by name if npm has installed the package, else by its file in the checkout. */
export const lockstepCommand = fileURLToPath(import.meta.url)
  .split(sep)
  .includes('node_modules')
  ? 'npx lockstep'
  : 'node dist/lockstep.js';

/** A path as a shell reads it. */
export const quoted = (path: string): string =>
  /^[\w@%+=:,./\\-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
