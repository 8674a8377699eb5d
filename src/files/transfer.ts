import { readSync, writeSync } from 'node:fs';

/** A system call transfers less than 2 GiB, and may transfer less than requested. */
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
