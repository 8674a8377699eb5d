import { closeSync } from 'node:fs';
import { openFile, readWholeFile } from '../../files/open-file.js';
import { readFully } from '../../files/transfer.js';
import type { ByteRange } from '../source.js';
import { LookAtAlone } from './budget.js';

/** Of an image's file: 100 million pixels, as many as may be by default, take 800 MB at most where nothing is compressed. */
const mostBytes = 2 ** 30;

/**
 * An image's bytes. Throws what the system says against the file, that it ends too early, or a `LookAtAlone` where they are more than
 * `most`.
 */
export function readRange({ file, part }: ByteRange, most = mostBytes): Buffer {
  if (part === undefined) return readImageFile(file, most);
  if (part.length > most) throw new LookAtAlone();
  const { file: handle } = openFile(file);
  try {
    const bytes = Buffer.allocUnsafe(part.length);
    if (!readFully(handle, bytes, part.begin)) throw new Error('the file ends before it');
    return bytes;
  } finally {
    closeSync(handle);
  }
}

function readImageFile(file: string, most: number): Buffer {
  try {
    return readWholeFile(file, most);
  } catch (error) {
    if (most < mostBytes && (error as NodeJS.ErrnoException).code === 'EFBIG') throw new LookAtAlone();
    throw error;
  }
}
