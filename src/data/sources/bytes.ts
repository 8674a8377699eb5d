import { createReadStream, readSync } from 'node:fs';
import type { Transform } from 'node:stream';
import { openFile, withFile } from '../../files/open-file.js';
import { guessedText, requireNoUtf16, TextFault } from '../../files/text.js';
import { readFully } from '../../files/transfer.js';
import { dataError } from '../faults.js';

/** Reads parts of large files. System errors are thrown as UserErrors. */

/**
 * The text in a file's first `most` bytes, without a byte order mark and without a last line that is cut. Also decodes UTF-16, so that
 * a dataset's form is recognised; reading the whole file then refuses the encoding.
 */
export function beginningOf(path: string, most: number): string {
  return withFile(path, (file, size) => {
    const text = guessedText(beginOf(file, Math.min(size, most)));
    const end = text.lastIndexOf('\n');
    return size > most && end >= 0 ? text.slice(0, end + 1) : text;
  });
}

/** Throws a UserError where a text file that begins with `bytes` is UTF-16. */
export function refuseUtf16(path: string, bytes: Uint8Array): void {
  try {
    requireNoUtf16(bytes);
  } catch (error) {
    throw error instanceof TextFault ? dataError(`${path}: ${error.message}.`, path) : error;
  }
}

/** A file's first bytes, at most `most`. */
export function beginOf(file: number, most: number): Buffer {
  const bytes = Buffer.alloc(most);
  return bytes.subarray(0, readSync(file, bytes, 0, most, 0));
}

/** Fills `into` from byte `begin` of the file on. `path` is for messages. */
export function readInto(path: string, file: number, into: Uint8Array, begin: number): void {
  if (!readFully(file, into, begin)) throw dataError(`${path}: became shorter while it was read.`, path);
}

/**
 * Calls `take` with each piece that `through` makes of a file's bytes. An error of `take` stops the reading and is thrown. (`pipeline`
 * could throw an AbortError in its place.)
 */
export async function forEachPiece<T>(
  path: string,
  through: Transform,
  take: (piece: T) => void,
): Promise<void> {
  const bytes = createReadStream(path, { fd: openFile(path).file });
  bytes.on('error', (error) => through.destroy(error));
  try {
    for await (const piece of bytes.pipe(through)) take(piece as T);
  } finally {
    bytes.destroy();
  }
}
