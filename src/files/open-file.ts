import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs';
import type { Opening } from './opening.js';
import { maxTransfer } from './transfer.js';
import { whileReading } from './unreadable.js';

/** Opens without waiting: opening a pipe without a writer would block. Windows has neither flag. */
const noWaiting = constants.O_NONBLOCK ?? 0;
const noLinks = constants.O_NOFOLLOW ?? 0;

/**
 * Opens a file for reading; returns its descriptor and size. Throws the system's error, or one in the same form for a pipe (reading it
 * could block), a device (it may have no end) or a folder.
 */
export function openFile(
  path: string,
  { links = true }: Opening = {},
): { readonly file: number; readonly size: number } {
  const { file, stats } = open(path, constants.O_RDONLY, links);
  return { file, size: stats.size };
}

/**
 * Opens a file in a folder of lockstep's own for writing. Refuses links, and files with a second name (hard link), whose content would
 * change too. Throws as `openFile` does.
 */
export function openOwnFile(path: string, flags: number): { readonly file: number; readonly size: number } {
  const { file, stats } = open(path, flags, false);
  if (stats.nlink <= 1) return { file, size: stats.size };
  closeSync(file);
  throw refusal(
    'EMLINK',
    `it has ${stats.nlink} names (hard links), and what is written here would change under all of them; put a copy in its place`,
  );
}

function open(path: string, flags: number, links: boolean): { readonly file: number; readonly stats: Stats } {
  if (!links) refuseLink(path);
  const file = openSync(path, flags | noWaiting | (links ? 0 : noLinks));
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw noFile(stats);
    return { file, stats };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** Refuses a link with a clear message: the system's is hard to understand, and Windows has none. */
function refuseLink(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  throw refusal('ELOOP', 'it is a link, and expected is a file; put the file itself in its place');
}

/**
 * Calls `use` with the open file and its size, and closes the file.
 * @throws UserError for a system error, from opening the file or from `use`
 */
export function withFile<T>(path: string, use: (file: number, size: number) => T, opening: Opening = {}): T {
  return whileReading(path, () => {
    const { file, size } = openFile(path, opening);
    try {
      return use(file, size);
    } finally {
      closeSync(file);
    }
  });
}

/** Size of the first read of a file that claims to be empty. The buffer grows to multiples of it. */
const chunkBytes = 2 ** 16;
/** Largest file that is read as a whole, bytes: a string cannot be longer. */
const mostByDefault = 2 ** 29;

/**
 * Reads a file of at most `most` bytes. The bytes read count, not the size by the system: some files claim size 0 and are endless.
 * Throws as `openFile` does.
 */
export function readWholeFile(path: string, most = mostByDefault, opening: Opening = {}): Buffer {
  const { file, size } = openFile(path, opening);
  try {
    if (size > most) throw tooLarge(size, most);
    let bytes = Buffer.allocUnsafeSlow(size > 0 ? size + 1 : chunkBytes); // one more byte, to detect the end
    let length = 0;
    for (;;) {
      if (length === bytes.length) {
        const larger = Buffer.allocUnsafeSlow(
          chunkBytes * Math.ceil(Math.min(most + 1, 2 * length) / chunkBytes),
        );
        bytes.copy(larger);
        bytes = larger;
      }
      const count = readSync(file, bytes, length, Math.min(bytes.length - length, maxTransfer), length);
      if (count === 0) return bytes.subarray(0, length);
      length += count;
      if (length > most) throw tooLarge(`more than ${most}`, most);
    }
  } finally {
    closeSync(file);
  }
}

const tooLarge = (size: number | string, most: number) =>
  refusal('EFBIG', `it has ${size} bytes, and ${most} is the most that is read`);

function noFile(stats: Stats): Error {
  if (stats.isDirectory()) return refusal('EISDIR', 'it is no file but a folder');
  return refusal('EINVAL', `it is no file but a ${stats.isFIFO() ? 'pipe' : 'device'}`);
}

/** An error in the form of a system error, so that callers treat both alike. */
const refusal = (code: string, message: string) =>
  Object.assign(new Error(message), { code, syscall: 'open' });
