import { join, relative, sep } from 'node:path';
import { ExitCode, UserError } from '../../errors.js';
import { followed, kindOf } from '../sources/class-folders.js';
import { entriesOf, isFolder, sortByCodePoint } from '../sources/folder.js';
import { extensionOf, isImageExtension } from '../sources/image-files.js';
import { isSystemName } from '../sources/system-names.js';
import { globOf, type Matches } from './glob.js';

/** Finds image files, a folder at a time: there may be any number of them. Names that are hidden or made by systems are left out. */

/**
 * Image files in the folder and up to `depth` folders below it, in the order: a folder's own by code point, then those of its
 * folders. Links are followed, except those to a folder above.
 * @throws UserError (exit code data) where a folder cannot be read
 */
export function* imagesBelow(
  folder: string,
  depth = Number.POSITIVE_INFINITY,
  links: readonly string[] = [],
): Generator<string> {
  const files: string[] = [];
  const folders = new Map<string, boolean>();
  for (const entry of entriesOf(folder)) {
    const { name } = entry;
    if (isSystemName(name)) continue;
    const kind = kindOf(folder, entry);
    if (kind === 'folder') folders.set(name, entry.isSymbolicLink());
    else if (kind === 'file' && isImageExtension(extensionOf(name))) files.push(name);
  }
  for (const name of sortByCodePoint(files)) yield join(folder, name);
  if (depth === 0) return;
  for (const name of sortByCodePoint([...folders.keys()])) {
    const passed = folders.get(name) === true ? followed(folder, name, links) : links;
    if (passed !== undefined) yield* imagesBelow(join(folder, name), depth - 1, passed);
  }
}

/** Whether the text may mean more than the file of this name. */
export const isPattern = (text: string): boolean => /[*?[{]/.test(text);

/**
 * Image files whose paths match a pattern, as `globOf` reads it, in the order of `imagesBelow`. A folder that exists is never a pattern:
 * in `photos[1]/*.png` the first name is one, where there is such a folder.
 * @throws UserError (exit code usage) where the pattern is wrong, or as `imagesBelow`
 */
export function* imagesMatching(pattern: string): Generator<string> {
  const parts = pattern.split('/');
  let fixed = 0;
  while (fixed < parts.length - 1 && isLiteral(parts, fixed)) fixed++;
  const start = parts.slice(0, fixed).join('/');
  const folder = fixed === 0 ? '.' : start === '' ? '/' : start;
  const rest = parts.slice(fixed).join('/');
  const matches = matcherOf(rest, pattern);
  const depth = rest.includes('**') ? Number.POSITIVE_INFINITY : rest.split('/').length - 1;
  for (const path of imagesBelow(folder, depth)) {
    if (matches(relative(folder, path).replaceAll(sep, '/'))) yield path;
  }
}

const isLiteral = (parts: readonly string[], place: number): boolean =>
  !isPattern(parts[place]!) || isFolder(parts.slice(0, place + 1).join('/'));

/** @param whole what the user gave */
function matcherOf(pattern: string, whole: string): Matches {
  try {
    return globOf(pattern);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new UserError(`${whole}: this pattern means nothing: ${reason}`, ExitCode.usage, { cause });
  }
}
