import { closeSync } from 'node:fs';
import { Header, type HeaderData, Pax } from 'tar';
import { openFile } from '../../files/open-file.js';
import { unreadable } from '../../files/unreadable.js';
import { dataError, shortened } from '../faults.js';
import { readInto } from './bytes.js';

/** Size of a header; file sizes are rounded up to a multiple of it. */
const blockBytes = 512;
/** Bytes read at a time: enough for a header, a short file and the next header, but little of an image that is skipped. */
const windowBytes = 8192;
/** Longest name in an extended header, bytes. */
const longestName = 1 << 20;

/** A regular file in a tar file: bytes `begin` to `begin + size` of it. */
export interface TarEntry {
  readonly name: string;
  readonly begin: number;
  readonly size: number;
}

/** Reads a tar file (ustar, pax or GNU): its headers, and files only on demand. Close it after use. */
export class TarReader {
  readonly #path: string;
  readonly #file: number;
  readonly #size: number;
  readonly #buffer = Buffer.allocUnsafe(windowBytes);
  /** The part of the file in the buffer. */
  #window = this.#buffer.subarray(0, 0);
  #windowBegin = 0;

  /** Throws a UserError where the file cannot be read. */
  constructor(path: string) {
    this.#path = path;
    try {
      ({ file: this.#file, size: this.#size } = openFile(path));
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  /** Throws a UserError, with the byte offset, where the tar file is cut short or damaged. */
  *entries(): Generator<TarEntry> {
    const compression = compressionOf(this.#bytes(0, Math.min(longestMark, this.#size)));
    if (compression !== undefined)
      throw this.#fault(0, `this is no tar file but one compressed by ${compression}; unzip it`);
    let about: HeaderData | undefined; // what extended headers say about the next entry
    for (let offset = 0; ; ) {
      const header = this.#headerAt(offset, about);
      if (header === undefined) return;
      const begin = offset + blockBytes;
      const size = header.size ?? 0;
      if (begin + size > this.#size) {
        throw this.#fault(
          offset,
          `${JSON.stringify(about?.path ?? header.path)} has ${size} bytes, but the file ends after ${this.#size - begin} of them: it is cut short`,
        );
      }
      const meta = metaTypes[header.type];
      if (meta !== undefined) {
        if (size > longestName)
          throw this.#fault(offset, `${header.type} has ${size} bytes, expected at most ${longestName}`);
        about = meta(this.#bytes(begin, size).toString('utf8'), about);
      } else {
        // The format's own name field is too short for what an extended header says.
        const name = about?.path ?? header.path ?? '';
        if (linkTypes.has(header.type)) {
          throw this.#fault(
            offset,
            `${JSON.stringify(name)} is a ${header.type}; expected plain files (tar --hard-dereference, without --sparse)`,
          );
        }
        if (fileTypes.has(header.type)) yield { name, begin, size };
        about = undefined;
      }
      offset = begin + Math.ceil(size / blockBytes) * blockBytes;
    }
  }

  text({ begin, size }: TarEntry): string {
    return this.#bytes(begin, size).toString('utf8');
  }

  close(): void {
    closeSync(this.#file);
  }

  /** The header at `offset`; undefined for the block of zeros that marks the end. */
  #headerAt(offset: number, about: HeaderData | undefined): Header | undefined {
    if (offset + blockBytes > this.#size) {
      throw this.#fault(
        offset,
        'the file ends without the blocks of zeros that mark its end: it is cut short',
      );
    }
    const block = this.#bytes(offset, blockBytes);
    let header: Header;
    try {
      header = new Header(block, 0, about);
    } catch (error) {
      throw this.#fault(offset, `no tar header: ${(error as Error).message}`);
    }
    if (header.nullBlock) return undefined;
    if (!header.cksumValid || header.size === undefined) {
      throw this.#fault(offset, 'no tar header: its checksum or size is wrong. Is the file damaged?');
    }
    return header;
  }

  /** Bytes of the file. Valid until the next call. */
  #bytes(begin: number, length: number): Buffer {
    if (length > windowBytes) {
      const bytes = Buffer.allocUnsafe(length);
      readInto(this.#path, this.#file, bytes, begin);
      return bytes;
    }
    if (begin < this.#windowBegin || begin + length > this.#windowBegin + this.#window.length) {
      this.#window = this.#buffer.subarray(0, Math.min(windowBytes, this.#size - begin));
      this.#windowBegin = begin;
      readInto(this.#path, this.#file, this.#window, begin);
    }
    return this.#window.subarray(begin - this.#windowBegin, begin - this.#windowBegin + length);
  }

  #fault(offset: number, what: string): Error {
    return dataError(`${this.#path}: at byte ${offset}: ${shortened(what)}.`, this.#path);
  }
}

/** Compression formats, recognised by their first bytes. */
const compressions: readonly (readonly [name: string, begin: string])[] = [
  ['gzip', '1f8b'],
  ['bzip2', '425a68'],
  ['xz', 'fd377a585a00'],
  ['zstd', '28b52ffd'],
  ['zip', '504b0304'],
];

const longestMark = 6;

const compressionOf = (block: Buffer) =>
  compressions.find(([, begin]) => block.toString('hex').startsWith(begin))?.[0];

const fileTypes: ReadonlySet<string> = new Set(['File', 'OldFile', 'ContiguousFile']);

/** Entries whose bytes are elsewhere in the archive, or incomplete. */
const linkTypes: ReadonlySet<string> = new Set(['Link', 'SymbolicLink', 'SparseFile']);

type Meta = (text: string, about: HeaderData | undefined) => HeaderData | undefined;
const longName: Meta = (text, about) => ({ ...about, path: text.replace(/\0.*/s, '') });
const pax: Meta = (text, about) => Pax.parse(text, about);
const nothing: Meta = (_, about) => about;

/** Extended headers, which describe the next entry: how their text adds to its description. */
const metaTypes: Readonly<Partial<Record<string, Meta>>> = {
  ExtendedHeader: pax,
  OldExtendedHeader: pax,
  GlobalExtendedHeader: nothing,
  NextFileHasLongPath: longName,
  OldGnuLongPath: longName,
  NextFileHasLongLinkpath: nothing,
};
