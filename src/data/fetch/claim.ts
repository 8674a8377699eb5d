import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, UserError } from '../../errors.js';
import { removeLeftovers, temporaryName } from '../../files/temporary.js';

/**
 * Claims `folder` for this process until the returned function is called: two that write the same files would spoil both. A claim
 * of a process that has ended counts for nothing.
 * @throws UserError (exit code environment) if another process has it
 */
export function claim(folder: string): () => void {
  const isClaim = (name: string) => name === 'claim' || name.startsWith('claim.');
  const own = temporaryName(join(folder, 'claim'));
  const release = () => rmSync(own, { force: true });
  writeFileSync(own, '');
  removeLeftovers(folder, isClaim);
  const others = readdirSync(folder).filter((name) => isClaim(name) && join(folder, name) !== own);
  if (others.length === 0) return release;
  release();
  throw new UserError(
    `${folder}: another process is writing there. Wait for its end; if there is none, delete ${join(folder, others[0]!)}.`,
    ExitCode.environment,
  );
}
