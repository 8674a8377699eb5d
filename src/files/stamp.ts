import { type BigIntStats, statSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** Detects that a file has changed, without reading it. */

/** -1 where there is no file. */
export interface FileStamp {
  readonly size: bigint;
  /** Times of change, ns: of the content, and of anything about the file, which nobody can set. */
  readonly content: bigint;
  readonly any: bigint;
  /** Which file it is: another one in its place may have the same size and times. */
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

/** A change within one tick of the file system's clock leaves a file's times as they are, ns: a kernel's tick; whole seconds on FAT. */
const tick = 20_000_000n;
const coarseTick = 2_000_000_000n;
const second = 1_000_000_000n;

/**
 * Waits until a later change of a file shows: until the clock has left the tick in which it was last changed. What is read after that
 * is what its stamp stands for, as long as it has that stamp.
 * @param changed the latest time of change, ns
 * @returns false where times cannot tell: the file's clock is ahead of this machine's
 */
export async function settled(changed: bigint): Promise<boolean> {
  const end = changed + (changed % second === 0n ? coarseTick : tick);
  const left = () => end - BigInt(Date.now()) * 1_000_000n;
  if (left() > coarseTick) return false;
  while (left() > 0n) await setTimeout(Number(left() / 1_000_000n) + 1);
  return true;
}
