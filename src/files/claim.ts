import { existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode, UserError } from '../errors.js';
import { readWholeFile } from './open-file.js';
import { temporaryName, tryToRemove, type Unfinished, unfinishedIn } from './temporary.js';
import { unwritable } from './unwritable.js';

/**
 * A folder that one process alone writes to. Two that write the same files would spoil both.
 *
 * A claim is a file in the folder whose name tells the process. On this machine it holds as long as that process lives, also one that
 * is suspended, whatever the clock says. Of a process on another machine or in another container nobody here knows: it renews its claim
 * every 20 seconds, and one that is watched for two minutes without being renewed is no claim. Whoever was taken for dead, and was not,
 * finds its claim gone before it next writes.
 */
export interface Claim {
  /**
   * To be called before each write. After the release only a line is added to a log, which tells of the end: that needs no claim.
   * @throws UserError (exit code environment) where the claim is gone: the folder may be another process's now
   */
  require(): void;
  release(): void;
}

/** ms. No clock is compared with another machine's. */
export interface ClaimTimes {
  readonly renewEvery: number;
  /** A claim that changes within this time is kept by a living process. */
  readonly watchFor: number;
}
const claimTimes: ClaimTimes = { renewEvery: 20_000, watchFor: 120_000 };

export interface ClaimOptions {
  /** Hears why it takes so long. */
  readonly onWait?: (note: string) => void;
  readonly times?: ClaimTimes;
}

/**
 * Claims `folder` for this process.
 * @throws UserError (exit code environment) if another process has it, or it cannot be written
 */
export async function claim(folder: string, options: ClaimOptions = {}): Promise<Claim> {
  const own = temporaryName(join(folder, 'claim'));
  try {
    writeFileSync(own, '0', { flag: 'wx' });
  } catch (error) {
    throw unwritable(folder, error);
  }
  const kept = keep(folder, own, options.times ?? claimTimes);
  try {
    const other = await heldBy(folder, options, own);
    if (other !== undefined) throw inUse(folder, other);
    return kept;
  } catch (error) {
    kept.release();
    throw error;
  }
}

/** Whether a process that lives has claimed the folder. */
export const isClaimed = async (folder: string, options: ClaimOptions = {}): Promise<boolean> =>
  (await heldBy(folder, options)) !== undefined;

/** Whether it seems so at once, for whoever only looks on: of a process elsewhere, by when it last renewed its claim. */
export const seemsClaimed = (folder: string): boolean =>
  claimsOf(folder).some(
    ({ life, idle }) => life === 'lives' || (life === 'elsewhere' && idle < claimTimes.watchFor),
  );

const claimsOf = (folder: string): Unfinished[] => unfinishedIn(folder, (name) => name === 'claim');

/** Renews the claim until it is released. */
function keep(folder: string, own: string, { renewEvery }: ClaimTimes): Claim {
  let count = 0;
  const renewing = setInterval(() => {
    try {
      // Not made anew: whoever has removed it may be writing.
      writeFileSync(own, String(++count), { flag: 'r+' });
    } catch {
      // The next write finds out.
    }
  }, renewEvery).unref();
  let isReleased = false;
  const release = () => {
    // One that is lost stays so.
    isReleased ||= existsSync(own);
    clearInterval(renewing);
    process.off('exit', release);
    tryToRemove(own); // the next one sees that this process has ended
  };
  process.on('exit', release);
  return {
    require: () => {
      if (!isReleased && !existsSync(own)) throw lost(folder, own);
    },
    release,
  };
}

/** A claim of the folder by a process that lives, other than `own`; those of the dead are removed. */
async function heldBy(folder: string, options: ClaimOptions, own?: string): Promise<string | undefined> {
  const others = claimsOf(folder).filter(({ path }) => path !== own);
  const living = others.find(({ life }) => life === 'lives');
  if (living !== undefined) return living.path;
  const held = await Promise.all(others.map((other) => isHeld(folder, other, options)));
  return others.find((_, i) => held[i])?.path;
}

/** Whether a claim whose process is not on this machine, or has ended there, holds. */
async function isHeld(folder: string, { path, life }: Unfinished, options: ClaimOptions): Promise<boolean> {
  if (life !== 'ended' && (await isRenewed(folder, path, options))) return true;
  return !tryToRemove(path) && existsSync(path);
}

async function isRenewed(
  folder: string,
  path: string,
  { onWait, times: { watchFor } = claimTimes }: ClaimOptions,
): Promise<boolean> {
  const before = countOf(path);
  onWait?.(
    `${folder}: a process on another machine, in another container or before a restart has claimed it; ` +
      `looking for up to ${Math.ceil(watchFor / 1000)} s whether it lives`,
  );
  for (let looks = 0; looks < 24; looks++) {
    await sleep(watchFor / 24);
    const now = countOf(path);
    if (now !== before) return now !== undefined;
  }
  return false;
}

const mostBytes = 64;

/** What its process has written last; undefined where it is gone. A file that is opened is asked for anew on a shared file system. */
function countOf(path: string): string | undefined {
  try {
    return readWholeFile(path, mostBytes, { links: false }).toString();
  } catch {
    return undefined;
  }
}

const inUse = (folder: string, other: string) =>
  new UserError(
    `${folder}: another process is writing there. Wait for its end; if there is none, delete ${join(folder, basename(other))}.`,
    ExitCode.environment,
  );

const lost = (folder: string, own: string) =>
  new UserError(
    `${folder}: this process has lost its claim (${basename(own)} is gone), so another one may be writing there; nothing more is written. ` +
      'The last checkpoint is there: --resume goes on from it when no other process does',
    ExitCode.environment,
  );
