import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs';
import type { Opening } from './opening.js';
import { maxTransfer } from './transfer.js';
import { whileReading } from './unreadable.js';

/** Without waiting: a pipe in the place of a file may have no writer. Windows has neither flag. */
const noWaiting = constants.O_NONBLOCK ?? 0;
const noLinks = constants.O_NOFOLLOW ?? 0;

/**
 * Opens a file to read it: its descriptor, and its size. Throws what the system has against it, also where it is no file: a pipe would
 * be waited for, and a device may have no end.
 */
export function openFile(
  path: string,
  { links = true }: Opening = {},
): { readonly file: number; readonly size: number } {
  const { file, stats } = open(path, constants.O_RDONLY, links);
  return { file, size: stats.size };
}

/**
 * Opens a file of a folder that is ours alone, to write to it: regular, no link, and without a second name elsewhere, whose content
 * would change with it. Throws as `openFile` does.
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

/** The system's own refusal is hard to understand, and Windows has none. */
function refuseLink(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  throw refusal('ELOOP', 'it is a link, and expected is a file; put the file itself in its place');
}

/**
 * Calls `use` with the open file and its size, and closes it.
 * @throws UserError for what the system has against the file, before or in `use`
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

/** What is read at first of a file that says that it is empty, and its multiples after. */
const chunkBytes = 2 ** 16;
/** What is read as a whole, at most, bytes: a string takes no more. */
const mostByDefault = 2 ** 29;

/**
 * All bytes of a file of `most` bytes at most. What is read counts, not the size that the system tells: some files say 0 and have no
 * end. Throws as `openFile` does.
 */
export function readWholeFile(path: string, most = mostByDefault, opening: Opening = {}): Buffer {
  const { file, size } = openFile(path, opening);
  try {
    if (size > most) throw tooLarge(size, most);
    let bytes = Buffer.allocUnsafeSlow(size > 0 ? size + 1 : chunkBytes); // one more, to see the end
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

/** An error in the form of the system's own, so that callers handle both alike. */
const refusal = (code: string, message: string) =>
  Object.assign(new Error(message), { code, syscall: 'open' });
