import { readSync, writeSync } from 'node:fs';

/** The system's calls take less than 2 GiB at a time, and may do less than they were asked to. */
export const maxTransfer = 1 << 30;

/** Reads exactly `length` bytes at byte `position` of the file, into `into` from `offset` on; false where the file ends before. */
export function readFully(
  file: number,
  into: Uint8Array,
  position: number,
  offset = 0,
  length = into.length - offset,
): boolean {
  for (let done = 0; done < length; ) {
    const most = Math.min(length - done, maxTransfer);
    const count = readSync(file, into, offset + done, most, position + done);
    if (count === 0) return false;
    done += count;
  }
  return true;
}

/** Writes all of `bytes` at byte `position`. */
export function writeFully(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, Math.min(bytes.length - done, maxTransfer), position + done);
  }
}
