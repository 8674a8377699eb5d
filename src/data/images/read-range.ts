import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { readFully } from '../../files/transfer.js';
import type { ByteRange } from '../source.js';

/** Nobody may write to a pipe that is listed as an image: do not wait for it. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** An image's bytes. Throws what the system says against the file, or that it ends too early. */
export function readRange({ file, part }: ByteRange): Buffer {
  const handle = openSync(file, flags);
  try {
    if (part === undefined) {
      if (!fstatSync(handle).isFile()) throw new Error('it is no file');
      return readFileSync(handle);
    }
    const bytes = Buffer.allocUnsafe(part.length);
    if (!readFully(handle, bytes, part.begin)) throw new Error('the file ends before it');
    return bytes;
  } finally {
    closeSync(handle);
  }
}
