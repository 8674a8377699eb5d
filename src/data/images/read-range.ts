import { closeSync } from 'node:fs';
import { openFile, readWholeFile } from '../../files/open-file.js';
import { readFully } from '../../files/transfer.js';
import type { ByteRange } from '../source.js';
import { LookAtAlone } from './budget.js';

/** Largest image file. The default limit of 100 million pixels takes at most 800 MB uncompressed. */
const mostBytes = 2 ** 30;

/**
 * Reads an image's bytes.
 * @throws the system's error, or an Error where the file ends too early
 * @throws LookAtAlone where there are more than `most` bytes
 */
export function readRange({ file, part }: ByteRange, most = mostBytes): Buffer {
  if (part === undefined) return readImageFile(file, most);
  if (part.length > most) throw new LookAtAlone();
  const { file: handle } = openFile(file);
  try {
    const bytes = Buffer.allocUnsafe(part.length);
    if (!readFully(handle, bytes, part.begin)) throw new Error('the file ends before the end of the image');
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
