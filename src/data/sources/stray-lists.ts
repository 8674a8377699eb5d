import { join } from 'node:path';
import { dataError } from '../faults.js';
import { isFile, readFolder } from './folder.js';
import { asFolders } from './folder-layout.js';
import { extensionOf, isImageExtension } from './image-files.js';
import { firstLinesOf } from './lines.js';
import { contentOf } from './lists.js';
import { isSplitWord, splitWordIn, wordsOf } from './split-names.js';

/** Files that lie anywhere in a dataset, are not used, and may say which of its images are of which split. */

const listSuffix = /\.(?:txt|csv|tsv)$/i;
/** Of kinds that are not read: known by their names. */
const otherSuffix = /\.(?:json|jsonl|mat|parquet)$/i;
/** As many of a folder, and of all, are looked into; paths in them begin from as many folders of classes. */
const most = { ofFolder: 10, ofAll: 200, bases: 20 } as const;
/** A path in a list may lack it, as Food-101's do. */
const usualExtensions = ['jpg', 'jpeg', 'png', 'JPEG', 'JPG', 'PNG', 'webp'] as const;

interface StrayList {
  /** Path below the dataset's folder. */
  readonly file: string;
  /** The split's word in its name. */
  readonly word: string | undefined;
  /** An image here that it lists, by its path below the folder. */
  readonly image: string | undefined;
}

export class StrayLists {
  readonly #dir: string;
  /** Folders below it that paths of lists may begin from, beside those that a list lies in. */
  readonly #bases: readonly string[];
  readonly #lists: StrayList[] = [];
  readonly #looked = new Map<string, number>();
  #lookedInAll = 0;

  /** `images` is the folder below `dir` that was taken for the dataset, '' for itself. */
  constructor(dir: string, images: string) {
    this.#dir = dir;
    const { folders } = readFolder(join(dir, images));
    this.#bases = ['', images, ...folders.slice(0, most.bases).map((name) => join(images, name))];
  }

  /** Takes a file, and says whether it may be a list. */
  add(file: string, name: string): boolean {
    const word = splitWordIn(name);
    const isAtTop = file === name;
    if (wordsOf(name).filter(isSplitWord).length > 1) return listSuffix.test(name) || otherSuffix.test(name);
    if (otherSuffix.test(name)) return word !== undefined;
    if (!listSuffix.test(name) || (word === undefined && !isAtTop)) return false;
    const folder = folderOf(file);
    const looked = this.#looked.get(folder) ?? 0;
    if (looked >= most.ofFolder || this.#lookedInAll >= most.ofAll) return false;
    this.#looked.set(folder, looked + 1);
    this.#lookedInAll++;
    const image = this.#imageIn(file);
    if (image === undefined && contentOf(this.#dir, file) === undefined) return false;
    this.#lists.push({ file, word, image });
    return true;
  }

  /** Throws a UserError where lists say of the images that some are not to be trained on: all of them are train's. */
  requireNone(classOf: (image: string) => string): void {
    const own = this.#lists.filter(({ word, image }) => word !== undefined && image !== undefined);
    if (new Set(own.map(({ word }) => word)).size < 2) return;
    const image = own[0]!.image!;
    const files = own.slice(0, 4).map(({ file }) => file);
    throw dataError(
      `${this.#dir}: ${files.slice(0, -1).join(', ')} and ${files.at(-1)} say which images are of which split; the folders alone would mix ` +
        `them. To use them, write train.txt and test.txt (val.txt) into ${this.#dir}, a line an image of its path and label, such as ` +
        `"${image} ${classOf(image)}"; to leave them out, say ${asFolders}.`,
    );
  }

  #imageIn(file: string): string | undefined {
    const bases = new Set(this.#bases);
    for (let folder = folderOf(file); folder !== ''; folder = folderOf(folder)) bases.add(folder);
    for (const line of firstLinesOf(join(this.#dir, file))) {
      const fields = [line, ...line.split(/[\s,;|"]+/), line.slice(0, line.lastIndexOf(' '))];
      for (const field of new Set(fields)) {
        for (const base of bases) {
          const found = field === '' ? undefined : this.#imageAt(base === '' ? field : `${base}/${field}`);
          if (found !== undefined) return found;
        }
      }
    }
    return undefined;
  }

  #imageAt(path: string): string | undefined {
    if (path.includes('\0') || path.includes('..')) return undefined;
    const paths = isImageExtension(extensionOf(path))
      ? [path]
      : usualExtensions.map((each) => `${path}.${each}`);
    return paths.find((each) => isFile(join(this.#dir, each)));
  }
}

const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
