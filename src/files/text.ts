import { isUtf8 } from 'node:buffer';

/** A file is not text that lockstep reads. The message begins with a verb: callers put the file's name before it. */
export class TextFault extends Error {
  override readonly name = 'TextFault';
}

/**
 * Decodes a file's bytes as UTF-8, without a byte order mark.
 * @throws TextFault for another encoding, which is not guessed: wrong letters would make other names
 */
export function textOf(bytes: Uint8Array): string {
  requireNoUtf16(bytes);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isUtf8(buffer))
    throw new TextFault(`is not UTF-8, first in line ${firstBadLine(buffer)}; save it as UTF-8`);
  const begin = hasMark(bytes, 0xef, 0xbb, 0xbf) ? 3 : 0;
  return buffer.toString('utf8', begin);
}

/** @throws TextFault where a file that begins with `bytes` is UTF-16, as some editors and PowerShell's `>` save it */
export function requireNoUtf16(bytes: Uint8Array): void {
  if (utf16Of(bytes) !== undefined) throw new TextFault('is UTF-16; save it as UTF-8');
}

/** Decodes bytes with a guessed encoding; only for a first look at a file. */
export const guessedText = (bytes: Uint8Array): string =>
  new TextDecoder(utf16Of(bytes) ?? 'utf-8').decode(bytes);

/** Recognises UTF-16 by its byte order mark, or by ASCII letters, of which every second byte is 0. */
function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (hasMark(bytes, 0xff, 0xfe)) return 'utf-16le';
  if (hasMark(bytes, 0xfe, 0xff)) return 'utf-16be';
  const [a, b, c, d] = [...bytes.subarray(0, 4)].map((byte) => byte === 0);
  if (d === undefined || a === b || c === d || a !== c) return undefined;
  return a ? 'utf-16be' : 'utf-16le';
}

const hasMark = (bytes: Uint8Array, ...mark: number[]) => mark.every((byte, i) => bytes[i] === byte);

/** The number, from 1, of the first line that is not UTF-8. */
export function firstBadLine(buffer: Buffer): number {
  let line = 1;
  for (let begin = 0; begin < buffer.length; line++) {
    const feed = buffer.indexOf(10, begin);
    const end = feed < 0 ? buffer.length : feed + 1;
    if (!isUtf8(buffer.subarray(begin, end))) return line;
    begin = end;
  }
  return line;
}
