import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What starts lockstep where this copy of it lies: its command where npm has installed the package, else its file in the checkout. */
export const commandName = (file = fileURLToPath(import.meta.url)): string =>
  file.split(sep).includes('node_modules') ? 'npx lockstep' : 'node dist/lockstep.js';
