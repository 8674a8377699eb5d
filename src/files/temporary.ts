import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, identityPattern, type Life, lifeOf } from './process-identity.js';

/** Names of unfinished files, beside their final path, and the removal of those that were abandoned. */

const pattern = new RegExp(`^(?<of>.+)\\.(?<identity>${identityPattern})-[0-9a-f]{8}\\.(?<kind>tmp|draft)$`);

/** `tmp` is useless to other processes; another process can take over a `draft`. */
export type Kind = 'tmp' | 'draft';

const day = 24 * 60 * 60 * 1000;
/** Time without a write, ms, after which a file counts as abandoned where its process cannot be checked. */
const abandonedAfter: Readonly<Record<Kind, number>> = { tmp: day, draft: 7 * day };

/** A unique name beside `path`, so that leftovers of dead processes are never in the way. */
export function temporaryName(path: string, kind: Kind = 'tmp', pid = process.pid): string {
  return `${path}.${identityOf(pid)}-${randomBytes(4).toString('hex')}.${kind}`;
}

/** Whether the name is that of an unfinished file. */
export const isTemporary = (name: string): boolean => pattern.test(name);

export interface Unfinished {
  readonly path: string;
  /** Its final name. */
  readonly of: string;
  readonly kind: Kind;
  /** Whether the process that made it lives. */
  readonly life: Life;
  /** Whether that process is known to have ended. */
  readonly ended: boolean;
  /** Time since the last write, ms. */
  readonly idle: number;
}

/** Unfinished files and folders in `folder` whose final name satisfies `isOwn`. */
export function unfinishedIn(folder: string, isOwn: (name: string) => boolean): Unfinished[] {
  return namesIn(folder).flatMap((name) => {
    const parts = pattern.exec(name)?.groups;
    if (parts === undefined || !isOwn(parts['of']!)) return [];
    const path = join(folder, name);
    const time = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    // Another process has removed it meanwhile.
    if (time === undefined) return [];
    const life = lifeOf(parts['identity']!, time);
    const ended = life === 'ended' || life === 'rebooted';
    return [{ path, of: parts['of']!, kind: parts['kind'] as Kind, life, ended, idle: Date.now() - time }];
  });
}

/**
 * Removes unfinished files and folders of killed processes in `folder` whose final name satisfies `isOwn`. Those of a living process stay.
 * Where that is unknown, they stay for a day after the last write. A draft, which another process can take over, always stays for a
 * week. What cannot be removed stays, since it is in nobody's way.
 */
export function removeLeftovers(folder: string, isOwn: (name: string) => boolean): void {
  for (const { path, kind, life, ended, idle } of unfinishedIn(folder, isOwn)) {
    const isAbandoned = life !== 'lives' && idle > abandonedAfter[kind];
    if ((ended && kind === 'tmp') || isAbandoned) tryToRemove(path);
  }
}

/**
 * The same for a folder that only this process uses: removes all but the files of living processes at once. A process elsewhere whose
 * file is removed has lost the folder, and can no longer publish the file.
 */
export function removeOthers(folder: string, isOwn: (name: string) => boolean): void {
  for (const { path, life } of unfinishedIn(folder, isOwn)) if (life !== 'lives') tryToRemove(path);
}

/** Removes a file or folder. Returns false where that fails: it is another user's, or in use on Windows. */
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
