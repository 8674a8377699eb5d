import { type Dirent, opendirSync, readdirSync } from 'node:fs';
import { unreadable } from '../../files/unreadable.js';
import { followed, kindOf } from './class-folders.js';
import { extensionOf, isImageExtension } from './image-files.js';
import { isSystemName } from './system-names.js';

/** Looks at all that lies in a folder and below it. */

export interface Visitor {
  /** A file, by its path below the folder where the walk began and its name. */
  file(path: string, name: string): void;
  /** Whether to look into a folder; all, where it is left out. */
  enters?(path: string): boolean;
  /** A folder that the system does not let in, and what it says. */
  unreadable?(path: string, error: unknown): void;
}

/** Links are followed, except those to a folder above. What is hidden or made by systems is left out. */
export function walk(dir: string, visitor: Visitor, below = '', links: readonly string[] = []): void {
  const path = below === '' ? dir : `${dir}/${below}`;
  let entries: Dirent[];
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    visitor.unreadable?.(below, error);
    return;
  }
  for (const entry of entries) {
    const { name } = entry;
    if (isSystemName(name)) continue;
    const own = below === '' ? name : `${below}/${name}`;
    const kind = kindOf(path, entry);
    if (kind === 'file') visitor.file(own, name);
    if (kind !== 'folder' || visitor.enters?.(own) === false) continue;
    const passed = entry.isSymbolicLink() ? followed(path, name, links) : links;
    if (passed !== undefined) walk(dir, visitor, own, passed);
  }
}

/** Whether there is an image in the folder, or in one below; links are not followed further than this folder. Reads no more than it must. */
export function holdsImage(path: string): boolean {
  const folders: string[] = [];
  if (forSomeEntry(path, (entry) => isImageOr(entry, folders))) return true;
  return folders.some((name) => holdsImage(`${path}/${name}`));
}

/** Whether it is an image; the name of a folder goes to `folders`. */
function isImageOr(entry: Dirent, folders: string[]): boolean {
  if (isSystemName(entry.name)) return false;
  if (!entry.isDirectory()) return isImageExtension(extensionOf(entry.name));
  folders.push(entry.name);
  return false;
}

/** A folder of a class may have a million entries, and mostly the first is an image. */
function forSomeEntry(path: string, isIt: (entry: Dirent) => boolean): boolean {
  try {
    const folder = opendirSync(path);
    try {
      for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) {
        if (isIt(entry)) return true;
      }
      return false;
    } finally {
      folder.closeSync();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}
