import { join, relative, sep } from 'node:path';
import { ExitCode, UserError } from '../../errors.js';
import { followed, kindOf } from '../sources/class-folders.js';
import { entriesOf, isFolder, sortByCodePoint } from '../sources/folder.js';
import { extensionOf, isImageExtension } from '../sources/image-files.js';
import { isSystemName } from '../sources/system-names.js';
import { globOf, type Matches } from './glob.js';

/** Finds image files, one folder at a time, since there may be any number of them. Hidden and system files are left out. */

/**
 * Image files in the folder and up to `depth` levels below it. A folder's own files come first, by code point, then those of its
 * subfolders. Links are followed, except links to a parent folder.
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

/** Whether the text has a pattern's special characters. */
export const isPattern = (text: string): boolean => /[*?[{]/.test(text);

/**
 * Image files whose paths match a pattern of `globOf`, in the order of `imagesBelow`. The name of an existing folder is taken literally:
 * if there is a folder `photos[1]`, `photos[1]/*.png` means the images in it.
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

/** @param whole the pattern as the user gave it, for messages */
function matcherOf(pattern: string, whole: string): Matches {
  try {
    return globOf(pattern);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new UserError(`${whole}: this pattern is invalid: ${reason}`, ExitCode.usage, { cause });
  }
}
