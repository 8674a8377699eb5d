import { closeSync, openSync, readFileSync } from 'node:fs';
import { readFully } from '../../files/transfer.js';
import type { ByteRange } from '../source.js';

/** An image's bytes. Throws what the system says against the file, or that it ends too early. */
export function readRange({ file, part }: ByteRange): Buffer {
  if (part === undefined) return readFileSync(file);
  const bytes = Buffer.allocUnsafe(part.length);
  const handle = openSync(file, 'r');
  try {
    if (!readFully(handle, bytes, part.begin)) throw new Error('the file ends before it');
  } finally {
    closeSync(handle);
  }
  return bytes;
}
