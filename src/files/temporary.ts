import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, identityPattern, type Life, lifeOf } from './process-identity.js';

/** Names of what is not finished, beside the name that it will have, and the removal of what was never finished. */

const pattern = new RegExp(`^(?<of>.+)\\.(?<identity>${identityPattern})-[0-9a-f]{8}\\.(?<kind>tmp|draft)$`);

/** What a later process can do with it: nothing, or go on with it. */
export type Kind = 'tmp' | 'draft';

const day = 24 * 60 * 60 * 1000;
/** Of whose process nobody knows, and what was not written to for so long, in ms: nobody is writing it, or will go on with it. */
const abandonedAfter: Readonly<Record<Kind, number>> = { tmp: day, draft: 7 * day };

/** A name beside `path` that no other process or thread has: a dead run's leftover is never in the way. */
export function temporaryName(path: string, kind: Kind = 'tmp', pid = process.pid): string {
  return `${path}.${identityOf(pid)}-${randomBytes(4).toString('hex')}.${kind}`;
}

/** Whether a file of this name is one that is not finished. */
export const isTemporary = (name: string): boolean => pattern.test(name);

export interface Unfinished {
  readonly path: string;
  /** The name that it is to have. */
  readonly of: string;
  readonly kind: Kind;
  /** Of the process that made it. */
  readonly life: Life;
  /** Whether that process is gone, as far as can be known here. */
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
    const life = lifeOf(parts['identity']!, time);
    const ended = life === 'ended' || life === 'rebooted';
    return [{ path, of: parts['of']!, kind: parts['kind'] as Kind, life, ended, idle: Date.now() - time }];
  });
}

/**
 * Removes the temporary files and folders in `folder` that a killed process left. Where it lives, suspended or not, they stay. Where
 * that cannot be known, they stay for a day after it last wrote; a draft, which another process can go on with, for a week in any
 * case. Only those that stand for a name that `isOwn`. What cannot be removed stays: it is in nobody's way.
 */
export function removeLeftovers(folder: string, isOwn: (name: string) => boolean): void {
  for (const { path, kind, life, ended, idle } of unfinishedIn(folder, isOwn)) {
    const isAbandoned = life !== 'lives' && idle > abandonedAfter[kind];
    if ((ended && kind === 'tmp') || isAbandoned) tryToRemove(path);
  }
}

/**
 * The same of a folder that is this process's alone: of whose process nobody knows here has lost it. Where that one does live, it cannot
 * give its file the name any more.
 */
export function removeOthers(folder: string, isOwn: (name: string) => boolean): void {
  for (const { path, life } of unfinishedIn(folder, isOwn)) if (life !== 'lives') tryToRemove(path);
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
