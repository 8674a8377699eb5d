import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nearest } from '../../config/describe.js';
import { unreadable } from '../../files/unreadable.js';
import { dataError } from '../faults.js';
import { isSystemName } from './system-names.js';

/** The entries of a folder, links followed, names sorted by code point. Hidden and system files are left out. */
export interface Folder {
  readonly path: string;
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** Throws a UserError where the folder is missing or cannot be read. */
export function readFolder(path: string): Folder {
  if (!isFolder(path)) {
    throw dataError(
      `${path}: ${missing(path)} Expected a folder with a dataset; set data.dir or give --data.`,
      path,
    );
  }
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of entriesOf(path)) {
    if (isSystemName(entry.name)) continue;
    const linked = entry.isSymbolicLink() && isFolder(join(path, entry.name));
    (entry.isDirectory() || linked ? folders : files).push(entry.name);
  }
  return { path, files: sortByCodePoint(files), folders: sortByCodePoint(folders) };
}

/** Why `path` is no folder, with a suggestion where a folder beside it has nearly the same name. */
function missing(path: string): string {
  if (existsSync(path)) return 'is no folder.';
  const parent = dirname(path);
  if (parent === path || !isFolder(parent)) return `no such folder, nor ${parent}.`;
  const folders = entriesOf(parent).flatMap(({ name }) => (isFolder(join(parent, name)) ? [name] : []));
  const near = nearest(basename(path).normalize(), folders);
  return near === undefined ? 'no such folder.' : `no such folder; did you mean ${join(parent, near)}?`;
}

/** The folder's entries, without a system call for each. Throws a UserError where the folder cannot be read. */
export function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    throw unreadable(path, error);
  }
}

export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

export function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Sorts in place by Unicode code point, like Python's order and the order of UTF-8 bytes. JavaScript compares UTF-16 code units, which
 * differs for surrogates.
 */
export function sortByCodePoint(names: string[]): string[] {
  if (!names.some((name) => /[\ud800-\udfff]/.test(name))) return names.sort();
  return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
