import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { say } from './serve.js';

/**
 * A package that lockstep does not depend on, and its version, from a folder's node_modules or where Node finds it from there.
 * Where there is none, the program says so and ends.
 */
export function requirePeer(name: string, folder = '.'): { peer: unknown; version: string } {
  const require = createRequire(resolve(folder, 'peers.js'));
  try {
    // package.json need not be exported; the entry of each of our peers lies in its `dist`.
    const description = readFileSync(resolve(require.resolve(name), '../../package.json'), 'utf8');
    return { peer: require(name), version: (JSON.parse(description) as { version: string }).version };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    say({ kind: 'missing', reason: `no package ${name}` });
    process.exit();
  }
}
