import { type Dirent, opendirSync, readdirSync } from 'node:fs';
import { unreadable } from '../../files/unreadable.js';
import { followed, kindOf } from './class-folders.js';
import { extensionOf, isImageExtension } from './image-files.js';
import { isSystemName } from './system-names.js';

/** Walks through a folder and all folders below it. */

export interface Visitor {
  /** Called for a file: path below the walk's first folder, and name. */
  file(path: string, name: string): void;
  /** Whether to enter a folder. By default all are entered. */
  enters?(path: string): boolean;
  /** Called for a folder that cannot be read, with the system's error. */
  unreadable?(path: string, error: unknown): void;
}

/** Follows links, except links to a parent folder. Leaves out hidden and system files. */
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
    const entryPath = below === '' ? name : `${below}/${name}`;
    const kind = kindOf(path, entry);
    if (kind === 'file') visitor.file(entryPath, name);
    if (kind !== 'folder' || visitor.enters?.(entryPath) === false) continue;
    const passed = entry.isSymbolicLink() ? followed(path, name, links) : links;
    if (passed !== undefined) walk(dir, visitor, entryPath, passed);
  }
}

/** Whether there is an image in the folder or below it. Stops at the first one. `path` may be a link; links below it are not followed. */
export function holdsImage(path: string): boolean {
  const folders: string[] = [];
  if (forSomeEntry(path, (entry) => isImageOr(entry, folders))) return true;
  return folders.some((name) => holdsImage(`${path}/${name}`));
}

/** Whether the entry is an image. Adds the name of a folder to `folders`. */
function isImageOr(entry: Dirent, folders: string[]): boolean {
  if (isSystemName(entry.name)) return false;
  if (!entry.isDirectory()) return isImageExtension(extensionOf(entry.name));
  folders.push(entry.name);
  return false;
}

/** Whether an entry fulfils `isIt`. Reads entries one by one: a class folder may have a million, and mostly the first is an image. */
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
