import { type Dirent, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { dataError, listed } from '../faults.js';
import type { SourceSplit } from '../source.js';
import { entriesOf, sortByCodePoint } from './folder.js';
import { extensionOf, type Ignored, isImageExtension } from './image-files.js';
import type { Numbering } from './labels.js';
import { isSystemName } from './system-names.js';

const shownFaults = 20;

/** The images of a split that has a folder for each class, ordered by class, then by folder, then by name. */
export class ClassFolders {
  /** One per image: the number of its class folder's name in `LabelTexts`. */
  readonly labelIds: number[] = [];
  /** Names of the class folders with images. */
  readonly classes: string[] = [];
  /** Paths, below the dataset's folder, of the class folders without images. */
  readonly empty: string[] = [];
  readonly #dir: string;
  readonly #root: string;
  readonly #ignored: Ignored;
  readonly #folders: string[] = [];
  // One entry per image. Not whole paths: there may be millions of images.
  readonly #folderOf: number[] = [];
  readonly #names: string[] = [];

  /** @param root the folder of the class folders, below the dataset's folder `dir` */
  constructor(dir: string, root: string, ignored: Ignored) {
    this.#dir = dir;
    this.#root = root;
    this.#ignored = ignored;
  }

  addClass(name: string, labelId: number): void {
    const path = this.#pathOf(name);
    const before = this.labelIds.length;
    this.#addFolder(path, labelId, []);
    if (this.labelIds.length > before) this.classes.push(name);
    else this.empty.push(path);
  }

  /** For each class, the subfolders of its folder that hold images. */
  get foldersOfClasses(): Map<string, string[]> {
    const at = this.#root === '' ? 0 : this.#root.split('/').length;
    const subfolders = new Map(this.classes.map((name) => [name, new Set<string>()]));
    for (const folder of this.#folders) {
      const [name, below] = folder.split('/').slice(at);
      if (below !== undefined) subfolders.get(name!)!.add(below);
    }
    return new Map([...subfolders].map(([name, below]) => [name, [...below]]));
  }

  /** Paths, below the dataset's folder, of the class folders with images. */
  get roots(): string[] {
    return this.classes.map((name) => this.#pathOf(name));
  }

  /** Throws a UserError that names every folder that is not a class. `texts` are the folders' names. */
  toSplit({ labelsOf }: Numbering, texts: readonly string[]): SourceSplit {
    const [dir, folders, folderOf, names] = [this.#dir, this.#folders, this.#folderOf, this.#names];
    // A folder's fault is the same for each of its images.
    const faults = new Set<string>();
    const labels = labelsOf(this.labelIds, (image, what) => {
      faults.add(`${join(dir, this.#pathOf(texts[this.labelIds[image]!]!))}: ${what}`);
    });
    if (faults.size > 0) throw dataError(listed([...faults], shownFaults));
    const nameOf = (image: number) => `${folders[folderOf[image]!]}/${names[image]}`;
    return {
      labels,
      nameOf,
      placeOf: () => undefined,
      bytesOf: (image) => ({ file: `${dir}/${nameOf(image)}` }),
    };
  }

  #pathOf(name: string): string {
    return this.#root === '' ? name : `${this.#root}/${name}`;
  }

  /** @param links see `followed` */
  #addFolder(folder: string, labelId: number, links: readonly string[]): void {
    const path = `${this.#dir}/${folder}`;
    const files: string[] = [];
    const folders: string[] = [];
    const linked = new Set<string>();
    for (const entry of entriesOf(path)) {
      const { name } = entry;
      const kind = kindOf(path, entry);
      if (name.startsWith('.')) this.#ignored.add('hidden');
      else if (isSystemName(name)) this.#ignored.add('made by the system');
      else if (kind === 'folder') folders.push(name);
      else if (kind === 'file' && isImageExtension(extensionOf(name))) files.push(name);
      else this.#ignored.addFile(name);
      if (entry.isSymbolicLink()) linked.add(name);
    }
    this.#addFiles(folder, labelId, sortByCodePoint(files));
    for (const name of sortByCodePoint(folders)) {
      const passed = linked.has(name) ? followed(path, name, links) : links;
      if (passed === undefined) this.#ignored.add('links to a folder above');
      else this.#addFolder(`${folder}/${name}`, labelId, passed);
    }
  }

  #addFiles(folder: string, labelId: number, files: readonly string[]): void {
    if (files.length === 0) return;
    const number = this.#folders.push(folder) - 1;
    for (const name of files) {
      this.labelIds.push(labelId);
      this.#folderOf.push(number);
      this.#names.push(name);
    }
  }
}

/** A broken link counts as a file: decoding then reports it by name. */
export function kindOf(path: string, entry: Dirent): 'folder' | 'file' | 'other' {
  if (entry.isDirectory()) return 'folder';
  if (entry.isFile()) return 'file';
  if (!entry.isSymbolicLink()) return 'other';
  try {
    const target = statSync(join(path, entry.name));
    return target.isDirectory() ? 'folder' : target.isFile() ? 'file' : 'other';
  } catch {
    return 'file';
  }
}

/**
 * Follows the link `name` in the folder `path`. Returns undefined where it leads to a parent folder, which would be an endless loop.
 * @param links real paths of the links followed so far: for each, the folder that holds it and its target. The result adds this link's.
 */
export function followed(path: string, name: string, links: readonly string[]): string[] | undefined {
  const target = realpathSync(join(path, name));
  const passed = [...links, realpathSync(path)];
  return passed.some((folder) => `${folder}${sep}`.startsWith(`${target}${sep}`))
    ? undefined
    : [...passed, target];
}
