import { isUtf8 } from 'node:buffer';
import { readSync } from 'node:fs';
import { withFile } from '../../files/open-file.js';
import { firstBadLine } from '../../files/text.js';
import { dataError } from '../faults.js';
import { beginningOf, refuseUtf16 } from './bytes.js';

/** How much of a file's beginning `firstLinesOf` reads. */
const lookedAt = { bytes: 65_536, lines: 20 } as const;
/** Bytes read at a time. */
const chunkBytes = 1 << 20;
/** Longest line, bytes. */
const longestLine = 1 << 16;

/**
 * Calls `take` with each line of a text file, trimmed, and its number from 1. The file may be larger than memory.
 * @throws UserError (exit code data), with the line, where the file is not text
 */
export function forEachLine(path: string, take: (line: string, number: number) => void): void {
  let number = 0;
  withFile(path, (file) => {
    const chunk = Buffer.alloc(chunkBytes);
    let rest: Buffer = Buffer.alloc(0);
    for (let read = -1; read !== 0; ) {
      read = readSync(file, chunk);
      const bytes = Buffer.concat([rest, chunk.subarray(0, read)]);
      const end = read === 0 ? bytes.length : bytes.lastIndexOf(10) + 1;
      if (number === 0) refuseUtf16(path, bytes);
      requireText(path, bytes, end, number);
      rest = bytes.subarray(end);
      if (rest.length > longestLine) throw tooLong(path, number + 1 + feedsIn(bytes, end));
      if (end === 0) continue;
      const lines = bytes.toString('utf8', 0, end).split('\n');
      // A line feed at the end does not begin another line.
      if (lines.at(-1) === '') lines.pop();
      for (const line of lines) {
        number++;
        if (line.length > longestLine) throw tooLong(path, number);
        take((number === 1 ? line.replace(/^\uFEFF/, '') : line).trim(), number);
      }
    }
  });
}

/** The first lines of a text file that are not empty, trimmed. Also reads files that `forEachLine` refuses. */
export const firstLinesOf = (path: string): string[] =>
  beginningOf(path, lookedAt.bytes)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(0, lookedAt.lines);

/** @param end where the last whole line in `bytes` ends
 * @param before number of lines before `bytes` */
function requireText(path: string, bytes: Buffer, end: number, before: number): void {
  const nul = bytes.indexOf(0);
  if (nul >= 0) {
    const line = before + 1 + feedsIn(bytes, nul);
    throw dataError(
      `${path}:${line}: has a NUL byte, so it is a binary file; expected text in UTF-8.`,
      `${path}:${line}`,
    );
  }
  const whole = bytes.subarray(0, end);
  if (!isUtf8(whole))
    throw dataError(
      `${path}: is not UTF-8, first in line ${before + firstBadLine(whole)}; save it as UTF-8.`,
      path,
    );
}

const tooLong = (path: string, line: number) =>
  dataError(
    `${path}:${line}: is longer than ${longestLine} bytes; expected a text file of lines.`,
    `${path}:${line}`,
  );

function feedsIn(bytes: Buffer, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0 && at < end; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
