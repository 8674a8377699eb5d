import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Names of what is not finished, beside the name that it will have, and the removal of what was never finished. */

/** Of the name: machines may share a folder, and a PID says nothing about another one's processes. */
const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 6);
const pattern = /^(?<of>.+)\.(?<machine>[0-9a-f]{6})-(?<pid>\d+)-[0-9a-f]{8}\.tmp$/;
/** Whatever was not written to for so long, in ms, nobody is writing. */
const abandonedAfter = 24 * 60 * 60 * 1000;

/** A name beside `path` that no other process or thread has: a dead run's leftover is never in the way. */
export function temporaryName(path: string): string {
  return `${path}.${machine}-${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
}

/**
 * Removes the temporary files and folders in `folder` that a killed process left: its PID is gone, or it wrote nothing for a day.
 * Only those that stand for a name that `isOwn`. What cannot be removed stays: it is in nobody's way.
 */
export function removeLeftovers(folder: string, isOwn: (name: string) => boolean): void {
  for (const name of namesIn(folder)) {
    const parts = pattern.exec(name)?.groups;
    if (parts === undefined || !isOwn(parts['of']!)) continue;
    const path = join(folder, name);
    try {
      const ended = parts['machine'] === machine && !isAlive(Number(parts['pid']));
      if (ended || Date.now() - statSync(path).mtimeMs > abandonedAfter) {
        rmSync(path, { recursive: true, force: true });
      }
    } catch {
      // Another process was faster, or it is another user's.
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there is one, of another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
