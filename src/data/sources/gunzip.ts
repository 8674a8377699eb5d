import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { createGunzip } from 'node:zlib';
import { makeFolder } from '../../files/folder.js';
import { settled, stampOf } from '../../files/stamp.js';
import { removeLeftovers } from '../../files/temporary.js';
import { unreadable } from '../../files/unreadable.js';
import { WholeFile } from '../../files/whole-file.js';
import { counted, dataError } from '../faults.js';
import { forEachPiece } from './bytes.js';

/** Deflate expands a byte to at most this many. A header that says more is wrong. */
const mostOfAByte = 1032;

/**
 * Unzips the file `path` into the folder `cache`, unless it is there already, and returns the new path. The name depends on the zipped
 * file's path and stamp, so a changed file is unzipped again.
 *
 * @param sizeFrom computes the unzipped size from the first `headerBytes` bytes; unzipping stops where there are more
 * @throws UserError where the file is cut short, or its size differs from what its header says
 */
export async function unzipped(
  path: string,
  cache: string,
  headerBytes: number,
  sizeFrom: (header: Buffer) => number,
): Promise<string> {
  const stamp = stampOf(path);
  const key = createHash('sha256').update([resolve(path), ...Object.values(stamp)].join('\0'));
  // Where the times are unreliable, the contents are hashed too.
  if (!(await settled(stamp.any))) for await (const chunk of createReadStream(path)) key.update(chunk);
  const name = `${basename(path, '.gz')}-${key.digest('hex').slice(0, 16)}`;
  const target = join(cache, name);
  if (existsSync(target)) return target;
  removeLeftovers(cache, (other) => other === name);
  makeFolder(cache);
  const file = new WholeFile(target);
  try {
    await unzip(path, Number(stamp.size), headerBytes, sizeFrom, (bytes, position) =>
      file.write(bytes, position),
    );
    file.commit();
  } finally {
    file.abort();
  }
  return target;
}

async function unzip(
  path: string,
  zippedBytes: number,
  headerBytes: number,
  sizeFrom: (header: Buffer) => number,
  write: (bytes: Buffer, position: number) => void,
): Promise<void> {
  let header = Buffer.alloc(0);
  let expected = Number.POSITIVE_INFINITY;
  let done = 0;
  const readHeader = (bytes: Buffer) => {
    header = Buffer.concat([header, bytes.subarray(0, headerBytes - header.length)]);
    if (header.length < headerBytes) return;
    expected = sizeFrom(header);
    if (expected > headerBytes + zippedBytes * mostOfAByte) {
      throw dataError(
        `${path}: its header says ${counted(expected, 'byte')}, which ${counted(zippedBytes, 'byte')} cannot be unzipped to.`,
        path,
      );
    }
  };
  try {
    await forEachPiece<Buffer>(path, createGunzip(), (bytes) => {
      if (header.length < headerBytes) readHeader(bytes);
      if (done + bytes.length > expected) {
        throw dataError(
          `${path}: unzips to more than the ${counted(expected, 'byte')} that its header says.`,
          path,
        );
      }
      write(bytes, done);
      done += bytes.length;
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_')) {
      throw dataError(
        `${path}: cannot be unzipped beyond byte ${done}: ${(error as Error).message}. Is it cut short?`,
        path,
      );
    }
    throw unreadable(path, error);
  }
  if (done < expected) {
    throw dataError(
      `${path}: unzips to ${counted(done, 'byte')}, expected ${Number.isFinite(expected) ? counted(expected, 'byte') : 'a header'}.`,
      path,
    );
  }
}
