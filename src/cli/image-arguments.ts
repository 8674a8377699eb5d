import { existsSync } from 'node:fs';
import { dataError } from '../data/faults.js';
import { imagesBelow, imagesMatching, isPattern } from '../data/images/find.js';
import { isFolder } from '../data/sources/folder.js';
import { imageExtensionList } from '../data/sources/image-files.js';
import { ExitCode, UserError } from '../errors.js';

/** Length of a path, UTF-16 units, beyond what any system takes. */
const longestPath = 65_536;

/**
 * The image files that arguments name, one after the other: files, folders with all that is below them, and patterns. What exists is
 * never a pattern; a file that does not exist is for its reader to find.
 * @throws UserError where a folder or a pattern gives no image
 */
export function* imagesOf(images: readonly string[]): Generator<string> {
  for (const argument of images) {
    if (!isPattern(argument) || existsSync(argument)) yield* filesOf(argument);
    else yield* someOf(imagesMatching(argument), `${argument} matches no image`);
  }
}

/** The same for the lines of a stream, each a file or a folder. It is read only as far as needed. */
export async function* imagesOnLines(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  for await (const line of linesOf(stream)) if (line !== '') yield* filesOf(line);
}

function* filesOf(path: string): Generator<string> {
  if (isFolder(path)) yield* someOf(imagesBelow(path), `${path} holds no image`);
  else yield path;
}

function* someOf(found: Generator<string>, none: string): Generator<string> {
  let any = false;
  for (const path of found) {
    any = true;
    yield path;
  }
  if (!any) throw dataError(`${none}: found no file with one of the endings ${imageExtensionList}`, none);
}

/** Lines without their line ends. */
async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const part of stream) {
    const lines = (rest + decoder.decode(part, { stream: true })).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield withoutReturn(line);
    if (rest.length <= longestPath) continue;
    throw new UserError(
      `a line of stdin is longer than ${longestPath} letters; expected the path of an image on each line`,
      ExitCode.usage,
    );
  }
  yield withoutReturn(rest);
}

const withoutReturn = (line: string) => line.replace(/\r$/, '');
