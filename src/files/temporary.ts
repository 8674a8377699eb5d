import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Names of what is not finished, beside the name that it will have, and the removal of what was never finished. */

/** Of the name: machines may share a folder, and a PID says nothing about another one's processes. */
const machine = createHash('sha256').update(`${hostname()} ${pidNamespace()}`).digest('hex').slice(0, 6);

/** Containers on one machine may share its name and not its PIDs; only Linux has them. */
function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
const pattern = /^(?<of>.+)\.(?<machine>[0-9a-f]{6})-(?<pid>\d+)-[0-9a-f]{8}\.(?<kind>tmp|draft)$/;

/** What a later process can do with it: nothing, or go on with it. */
export type Kind = 'tmp' | 'draft';

const day = 24 * 60 * 60 * 1000;
/** Whatever was not written to for so long, in ms, nobody is writing, or will go on with. */
const abandonedAfter: Readonly<Record<Kind, number>> = { tmp: day, draft: 7 * day };

/** The PID of what belongs to no process. */
export const nobody = 0;

/** A name beside `path` that no other process or thread has: a dead run's leftover is never in the way. */
export function temporaryName(path: string, kind: Kind = 'tmp', pid = process.pid): string {
  return `${path}.${machine}-${pid}-${randomBytes(4).toString('hex')}.${kind}`;
}

export interface Unfinished {
  readonly path: string;
  /** The name that it is to have. */
  readonly of: string;
  readonly kind: Kind;
  /** Whether the process that made it is gone. Of another machine's process nobody knows. */
  readonly ended: boolean;
  /** Since it was written to, in ms. */
  readonly idle: number;
}

/** What is not finished in `folder`, of what is to have a name that `isOwn`. */
export function unfinishedIn(folder: string, isOwn: (name: string) => boolean): Unfinished[] {
  return namesIn(folder).flatMap((name) => {
    const parts = pattern.exec(name)?.groups;
    if (parts === undefined || !isOwn(parts['of']!)) return [];
    const path = join(folder, name);
    const time = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    // Another process was faster.
    if (time === undefined) return [];
    const ended = parts['machine'] === machine && !isAlive(Number(parts['pid']), time);
    return [{ path, of: parts['of']!, kind: parts['kind'] as Kind, ended, idle: Date.now() - time }];
  });
}

/**
 * Removes the temporary files and folders in `folder` that a killed process left: its PID is gone, or it wrote nothing for a day.
 * A draft, which another process can go on with, stays for a week. Only those that stand for a name that `isOwn`. What cannot be
 * removed stays: it is in nobody's way.
 */
export function removeLeftovers(folder: string, isOwn: (name: string) => boolean): void {
  for (const { path, kind, ended, idle } of unfinishedIn(folder, isOwn)) {
    if ((ended && kind === 'tmp') || idle > abandonedAfter[kind]) tryToRemove(path);
  }
}

/** Removes a file or a folder; false where it cannot be: it is another user's, or in use on Windows. */
export function tryToRemove(path: string): boolean {
  try {
    rmSync(path, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Whether the process runs that wrote a file last at `time`. */
function isAlive(pid: number, time: number): boolean {
  if (pid === nobody) return false;
  // In a container every process may have the same PID: what was written before this one began is an earlier one's.
  if (pid === process.pid) return time >= performance.timeOrigin;
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    // EPERM: there is one, of another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Whether it has ended, and only its parent has not asked how: it would be waited for in vain. Seen on Linux. */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.charAt(stat.lastIndexOf(')') + 2) === 'Z';
  } catch {
    return false;
  }
}
