import { join, relative, sep } from 'node:path';
import { ExitCode, UserError } from '../../errors.js';
import { followed, kindOf } from '../sources/class-folders.js';
import { entriesOf, sortByCodePoint } from '../sources/folder.js';
import { extensionOf, isImageExtension } from '../sources/image-files.js';
import { isSystemName } from '../sources/system-names.js';

/** Finds image files, a folder at a time: there may be any number of them. Names that are hidden or made by systems are left out. */

/**
 * Image files in the folder and up to `depth` folders below it, in the order: a folder's own by code point, then those of its
 * folders. Links are followed, but for those to a folder above.
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
 * Image files whose paths match: `*` any letters of a name, `?` one, `[a-z]` one of these, `[!a-z]` none of these, `{a,b}` either,
 * and the name `**` any folders. In the order of `imagesBelow`.
 * @throws UserError (exit code usage) where a brace is left open, or as `imagesBelow`
 */
export function* imagesMatching(pattern: string): Generator<string> {
  const parts = pattern.split('/');
  const fixed = parts.findIndex(isPattern);
  const start = parts.slice(0, fixed).join('/');
  const folder = fixed === 0 ? '.' : start === '' ? '/' : start;
  const rest = parts.slice(fixed).join('/');
  const matches = expressionOf(rest, pattern);
  const depth = rest.includes('**') ? Number.POSITIVE_INFINITY : rest.split('/').length - 1;
  for (const path of imagesBelow(folder, depth)) {
    if (matches.test(relative(folder, path).replaceAll(sep, '/'))) yield path;
  }
}

/** As a regular expression; `whole` is what the user gave. */
function expressionOf(pattern: string, whole: string): RegExp {
  let open = 0;
  const source = pattern.replaceAll(/\*\*\/|\*\*$|\*|\?|\[!?[^\]/]+\]|[{},]|[\\^$.|+()[\]]/g, (token) => {
    switch (token[0]) {
      case '*':
        return token === '**/' ? '(?:[^/]+/)*' : token === '**' ? '.+' : '[^/]*';
      case '?':
        return '[^/]';
      case '[':
        if (token.length > 1) return token.replaceAll('\\', '\\\\').replace('[!', '[^');
        break;
      case '{':
        open++;
        return '(?:';
      case '}':
        open--;
        return ')';
      case ',':
        return open > 0 ? '|' : ',';
    }
    return `\\${token}`;
  });
  try {
    return new RegExp(`^${source}$`, 'su');
  } catch (cause) {
    throw new UserError(
      `${whole}: this pattern means nothing: check its brackets and braces`,
      ExitCode.usage,
      {
        cause,
      },
    );
  }
}
