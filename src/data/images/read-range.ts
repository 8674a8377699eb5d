import { closeSync, readFileSync } from 'node:fs';
import { openFile } from '../../files/open-file.js';
import { readFully } from '../../files/transfer.js';
import type { ByteRange } from '../source.js';

/** An image's bytes. Throws what the system says against the file, or that it ends too early. */
export function readRange({ file, part }: ByteRange): Buffer {
  const { file: handle } = openFile(file);
  try {
    if (part === undefined) return readFileSync(handle);
    const bytes = Buffer.allocUnsafe(part.length);
    if (!readFully(handle, bytes, part.begin)) throw new Error('the file ends before it');
    return bytes;
  } finally {
    closeSync(handle);
  }
}
