import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, UserError } from '../errors.js';
import { removeLeftovers, temporaryName, tryToRemove } from './temporary.js';
import { keepTouched } from './touch.js';
import { unwritable } from './unwritable.js';

/**
 * Claims `folder` for this process until the returned function is called: two that write the same files would spoil both. A claim
 * of a process that has ended counts for nothing.
 * @throws UserError (exit code environment) if another process has it, or it cannot be written
 */
export function claim(folder: string): () => void {
  const own = temporaryName(join(folder, 'claim'));
  try {
    writeFileSync(own, '');
  } catch (error) {
    throw unwritable(folder, error);
  }
  const letGo = keepTouched(own);
  const release = () => {
    letGo();
    process.off('exit', release);
    tryToRemove(own); // the next one sees that this process has ended
  };
  process.on('exit', release);
  removeLeftovers(folder, isClaim);
  const others = readdirSync(folder).filter((name) => isClaim(name) && join(folder, name) !== own);
  if (others.length === 0) return release;
  release();
  throw new UserError(
    `${folder}: another process is writing there. Wait for its end; if there is none, delete ${join(folder, others[0]!)}.`,
    ExitCode.environment,
  );
}

/** Whether a process that lives has claimed the folder. */
export const isClaimed = (folder: string): boolean => {
  removeLeftovers(folder, isClaim);
  return readdirSync(folder).some(isClaim);
};

/** Whether a file of this name is a claim. */
const isClaim = (name: string): boolean => name === 'claim' || name.startsWith('claim.');
