import { closeSync } from 'node:fs';
import { openFile, readWholeFile } from '../../files/open-file.js';
import { readFully } from '../../files/transfer.js';
import type { ByteRange } from '../source.js';

/** Of an image's file: 100 million pixels, as many as may be by default, take 800 MB at most where nothing is compressed. */
const mostBytes = 2 ** 30;

/** An image's bytes. Throws what the system says against the file, or that it ends too early. */
export function readRange({ file, part }: ByteRange): Buffer {
  if (part === undefined) return readWholeFile(file, mostBytes);
  const { file: handle } = openFile(file);
  try {
    const bytes = Buffer.allocUnsafe(part.length);
    if (!readFully(handle, bytes, part.begin)) throw new Error('the file ends before it');
    return bytes;
  } finally {
    closeSync(handle);
  }
}
