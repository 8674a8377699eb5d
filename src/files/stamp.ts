import { type BigIntStats, statSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** Detects changes of a file without reading it. */

/** All values are -1 where there is no file. */
export interface FileStamp {
  readonly size: bigint;
  /** Times of the last change, ns: of the content (mtime), and of anything about the file (ctime), which programs cannot set. */
  readonly content: bigint;
  readonly any: bigint;
  /** Identify the file: a different file at the same path may have the same size and times. */
  readonly inode: bigint;
  readonly device: bigint;
}

const none: FileStamp = { size: -1n, content: -1n, any: -1n, inode: -1n, device: -1n };

export function stampOf(path: string): FileStamp {
  const stats = statIfReadable(path);
  if (stats === undefined) return none;
  const { size, mtimeNs, ctimeNs, ino, dev } = stats;
  return { size, content: mtimeNs, any: ctimeNs, inode: ino, device: dev };
}

/** Errors are left to the code that reads the file, which reports them. */
function statIfReadable(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Resolution of file times, ns: a second change within it does not change them. A kernel's tick; two seconds on FAT. */
const tick = 20_000_000n;
const coarseTick = 2_000_000_000n;
const second = 1_000_000_000n;

/**
 * Waits until the clock has left the tick of a file's last change, so that any later change alters the stamp. Content that is read
 * afterwards belongs to the stamp as long as the stamp stays the same.
 * @param changed the latest time of change, ns
 * @returns false where times are unreliable: the file's time lies in the future
 */
export async function settled(changed: bigint): Promise<boolean> {
  const end = changed + (changed % second === 0n ? coarseTick : tick);
  const left = () => end - BigInt(Date.now()) * 1_000_000n;
  if (left() > coarseTick) return false;
  while (left() > 0n) await setTimeout(Number(left() / 1_000_000n) + 1);
  return true;
}
