import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract, list, type ReadEntry } from 'tar';
import yauzl, { type Entry as ZipEntry } from 'yauzl';
import { UserError } from '../../errors.js';
import { unwritable } from '../../files/unwritable.js';
import { dataError } from '../faults.js';

/** Limits of an archive: a known dataset never exceeds them. */
export interface Bounds {
  readonly entries: number;
  /** Unpacked size of all files together. */
  readonly bytes: number;
}

interface Entry {
  readonly name: string;
  /** Other types are named as in the archive. */
  readonly type: 'file' | 'folder' | (string & {});
  readonly bytes: number;
}

type Unpack = (
  archive: string,
  folder: string,
  most: Bounds,
  /** In entries. */
  onProgress: (done: number, total: number) => void,
) => Promise<void>;

/**
 * Unpacks an archive's files and folders into `folder`.
 * @throws UserError: exit code data where the archive has a path out of the folder, a link, or more than `most`, or cannot be
 * read; environment where the disk fails. The folder's content is then unusable.
 */
export const unpack: Readonly<Record<'tar.gz' | 'zip', Unpack>> = {
  'tar.gz': guarded(unpackTar),
  zip: guarded(unpackZip),
};

function guarded(unpack: Unpack): Unpack {
  return async (archive, folder, ...rest) => {
    try {
      await unpack(archive, folder, ...rest);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const known = unwritable(folder, error);
      if (known instanceof UserError && !contradictions.has(code ?? '')) throw known;
      throw dataError(`${archive}: cannot be unpacked: ${message}`, archive);
    }
  };
}

/** Error codes that mean a path is twice in the archive, as `folder` was empty before. */
const contradictions = new Set(['EEXIST', 'EISDIR', 'ENOTDIR']);

/** Checks every entry before it writes the first one. */
async function unpackTar(...[archive, folder, most, onProgress]: Parameters<Unpack>): Promise<void> {
  const check = checker(archive, folder, most);
  let fault: unknown;
  let total = 0;
  await list({
    file: archive,
    strict: true,
    onReadEntry(entry) {
      try {
        check(ofTar(entry));
        total++;
      } catch (error) {
        fault ??= error; // throwing here would end the process
      }
    },
  });
  if (fault !== undefined) throw fault;
  let done = 0;
  await extract({
    file: archive,
    cwd: folder,
    strict: true,
    preserveOwner: false,
    noMtime: true,
    onReadEntry: () => onProgress(++done, total),
  });
}

/** Writes the entries one by one, so that no write is pending when an entry is refused. */
async function unpackZip(...[archive, folder, most, onProgress]: Parameters<Unpack>): Promise<void> {
  const check = checker(archive, folder, most);
  const zip = await yauzl.openPromise(archive, { strictFileNames: true });
  let done = 0;
  // yauzl checks names before, and sizes while it reads.
  for await (const zipped of zip.eachEntry()) {
    const entry = ofZip(zipped);
    const path = check(entry);
    if (entry.type === 'folder') {
      mkdirSync(path, { recursive: true });
    } else {
      mkdirSync(dirname(path), { recursive: true });
      await pipeline(await zip.openReadStreamPromise(zipped), createWriteStream(path, { flags: 'wx' }));
    }
    onProgress(++done, zip.entryCount);
  }
}

const tarTypes: Readonly<Record<string, Entry['type']>> = {
  File: 'file',
  OldFile: 'file',
  Directory: 'folder',
};

const ofTar = ({ path, type, size }: ReadEntry): Entry => ({
  name: path,
  type: tarTypes[type] ?? type,
  bytes: size,
});

/** By the upper four bits of the POSIX mode; 0 where the archive has none. */
const modeTypes: Readonly<Record<number, Entry['type']>> = {
  0: 'file',
  4: 'folder',
  8: 'file',
  10: 'SymbolicLink',
};

function ofZip({ fileName, externalFileAttributes, uncompressedSize }: ZipEntry): Entry {
  const mode = externalFileAttributes >>> 28;
  const type = fileName.endsWith('/') ? 'folder' : (modeTypes[mode] ?? `type ${mode}`);
  return { name: fileName, type, bytes: uncompressedSize };
}

/** Returns a function that checks an entry and returns the path to write it to; it throws a UserError for a forbidden entry. */
function checker(archive: string, folder: string, most: Bounds): (entry: Entry) => string {
  const root = resolve(folder);
  let entries = 0;
  let bytes = 0;
  return (entry) => {
    const refuse = (what: string) =>
      dataError(
        `${archive}: ${JSON.stringify(entry.name)} ${what}. Nothing of the archive is used.`,
        archive,
      );
    const path = resolve(root, entry.name);
    if (path !== root && !path.startsWith(root + sep)) throw refuse('leads out of the folder');
    if (entry.type !== 'file' && entry.type !== 'folder') {
      throw refuse(`is a ${entry.type}; expected files and folders alone`);
    }
    entries++;
    bytes += entry.bytes;
    if (entries > most.entries) throw refuse(`is one entry more than the ${most.entries} expected at most`);
    if (bytes > most.bytes)
      throw refuse(`makes it ${bytes} bytes, more than the ${most.bytes} expected at most`);
    return path;
  };
}
