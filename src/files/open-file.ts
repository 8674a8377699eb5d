import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';

/** Nobody may write to a pipe that stands where a file should: do not wait for it. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file to read it: its descriptor, and its size. Throws what the system has against it, also where it is no file: a pipe would
 * be waited for, and a device may have no end.
 */
export function openFile(path: string): { readonly file: number; readonly size: number } {
  const file = openSync(path, flags);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw noFile(stats);
    return { file, size: stats.size };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** All bytes of a file of `most` bytes at most. Throws as `openFile` does. */
export function readWholeFile(path: string, most = Number.POSITIVE_INFINITY): Buffer {
  const { file, size } = openFile(path);
  try {
    if (size > most) throw refusal('EFBIG', `it has ${size} bytes, more than the ${most} that it may have`);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

function noFile(stats: Stats): Error {
  if (stats.isDirectory()) return refusal('EISDIR', 'it is no file but a folder');
  return refusal('EINVAL', `it is no file but a ${stats.isFIFO() ? 'pipe' : 'device'}`);
}

/** As the system refuses, so that nobody need tell the two apart. */
const refusal = (code: string, message: string) =>
  Object.assign(new Error(message), { code, syscall: 'open' });
