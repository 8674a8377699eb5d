import { existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode, UserError } from '../errors.js';
import { readWholeFile } from './open-file.js';
import { identityOf } from './process-identity.js';
import { temporaryName, tryToRemove, type Unfinished, unfinishedIn } from './temporary.js';
import { unwritable } from './unwritable.js';

/**
 * A process's exclusive claim on a folder: two processes that write the same files would damage them.
 *
 * A claim is a file in the folder whose name identifies the process. On the same machine it holds as long as that process lives, even
 * suspended, whatever the clock says. Processes on other machines or in other containers cannot be checked. So every process renews its
 * claim every 20 seconds, and a foreign claim that is not renewed within two minutes of watching is removed. A process that was wrongly
 * taken for dead finds its claim gone before its next write.
 */
export interface Claim {
  /**
   * Checks the claim; to be called before each write. Does nothing after `release`: a last line in a log needs no claim.
   * @throws UserError (exit code environment) where the claim is gone, so that another process may use the folder
   */
  require(): void;
  release(): void;
}

/** Times of claims, ms. Clocks of different machines are never compared. */
export interface ClaimTimes {
  readonly renewEvery: number;
  /** How long to watch a foreign claim: if it changes, its process lives. */
  readonly watchFor: number;
}
const claimTimes: ClaimTimes = { renewEvery: 20_000, watchFor: 120_000 };

export interface ClaimOptions {
  /** Told why claiming takes long. */
  readonly onWait?: (note: string) => void;
  readonly times?: ClaimTimes;
}

/**
 * Claims `folder` for this process.
 * @throws UserError (exit code environment) if another process has claimed it, or it cannot be written
 */
export async function claim(folder: string, options: ClaimOptions = {}): Promise<Claim> {
  const file = temporaryName(join(folder, 'claim'));
  try {
    writeFileSync(file, '0', { flag: 'wx' });
  } catch (error) {
    throw unwritable(folder, error);
  }
  const claimed = keep(folder, file, options.times ?? claimTimes);
  try {
    const other = await heldBy(folder, options, file);
    if (other !== undefined) throw inUse(folder, other);
    return claimed;
  } catch (error) {
    claimed.release();
    throw error;
  }
}

/** Whether a living process has claimed the folder. */
export const isClaimed = async (folder: string, options: ClaimOptions = {}): Promise<boolean> =>
  (await heldBy(folder, options)) !== undefined;

/** The same without watching, so less certain: a foreign claim is judged by the time of its last renewal. */
export const seemsClaimed = (folder: string): boolean =>
  claimsOf(folder).some(
    ({ life, idle }) => life === 'lives' || (life === 'elsewhere' && idle < claimTimes.watchFor),
  );

const claimsOf = (folder: string): Unfinished[] => unfinishedIn(folder, (name) => name === 'claim');

/** Renews the claim until it is released. */
function keep(folder: string, file: string, { renewEvery }: ClaimTimes): Claim {
  let count = 0;
  const renewing = setInterval(() => {
    try {
      // Opened with 'r+', which does not create the file: whoever has removed it may be writing.
      writeFileSync(file, String(++count), { flag: 'r+' });
    } catch {
      // `require` reports it at the next write.
    }
  }, renewEvery).unref();
  let isReleased = false;
  const release = () => {
    // A claim that was lost stays lost.
    isReleased ||= existsSync(file);
    clearInterval(renewing);
    process.off('exit', release);
    tryToRemove(file); // where this fails, others see that the process has ended
  };
  process.on('exit', release);
  return {
    require: () => {
      if (!isReleased && !existsSync(file)) throw lost(folder, file);
    },
    release,
  };
}

/** Another living process's claim of the folder. Claims of dead processes are removed. */
async function heldBy(folder: string, options: ClaimOptions, file?: string): Promise<string | undefined> {
  const others = claimsOf(folder).filter(({ path }) => path !== file);
  const living = others.find(({ life }) => life === 'lives');
  if (living !== undefined) return living.path;
  const held = await Promise.all(others.map((other) => isHeld(folder, other, options)));
  return others.find((_, i) => held[i])?.path;
}

/** Whether a claim holds whose process has ended, or cannot be checked from here. */
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

/** The claim's counter; undefined where the claim is gone. Opening the file makes a network file system fetch it anew. */
function countOf(path: string): string | undefined {
  try {
    return readWholeFile(path, mostBytes, { links: false }).toString();
  } catch {
    return undefined;
  }
}

const inUse = (folder: string, other: string) =>
  new UserError(
    `${folder}: ${basename(other).includes(identityOf()) ? 'this process is writing there already' : 'another process is writing there'}. Wait for its end; if there is none, delete ${join(folder, basename(other))}.`,
    ExitCode.environment,
    { path: folder },
  );

const lost = (folder: string, file: string) =>
  new UserError(
    `${folder}: this process has lost its claim (${basename(file)} is gone), so another one may be writing there; nothing more is written. ` +
      'The last checkpoint is there: resume (--resume) goes on from it when no other process does',
    ExitCode.environment,
  );
