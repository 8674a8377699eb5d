import { join } from 'node:path';
import { dataError } from '../faults.js';
import { isFile, readFolder } from './folder.js';
import { asFolders } from './folder-layout.js';
import { extensionOf, isImageExtension } from './image-files.js';
import { firstLinesOf } from './lines.js';
import { contentOf } from './lists.js';
import { isSplitWord, splitWordIn, wordsOf } from './split-names.js';

/** Unused files, anywhere in a dataset, that may list the images of its splits. */

const listSuffix = /\.(?:txt|csv|tsv)$/i;
/** Formats that are not read. Such a list is recognised by its name. */
const otherSuffix = /\.(?:json|jsonl|mat|parquet)$/i;
/** How many files are examined in a folder and in all, and how many class folders are tried as the base of their paths. */
const most = { ofFolder: 10, ofAll: 200, bases: 20 } as const;
/** Tried for paths without an extension, as in Food-101's lists. */
const usualExtensions = ['jpg', 'jpeg', 'png', 'JPEG', 'JPG', 'PNG', 'webp'] as const;

interface StrayList {
  /** Path below the dataset's folder. */
  readonly file: string;
  /** The split's word in its name. */
  readonly word: string | undefined;
  /** An image of the dataset that it lists: path below the folder. */
  readonly image: string | undefined;
}

export class StrayLists {
  readonly #dir: string;
  /** Folders that paths in a list may be relative to, besides those that the list lies in. */
  readonly #bases: readonly string[];
  readonly #lists: StrayList[] = [];
  readonly #looked = new Map<string, number>();
  #lookedInAll = 0;

  /** @param images path, below `dir`, of the folder that was taken as the dataset; '' for `dir` itself */
  constructor(dir: string, images: string) {
    this.#dir = dir;
    const { folders } = readFolder(join(dir, images));
    this.#bases = ['', images, ...folders.slice(0, most.bases).map((name) => join(images, name))];
  }

  /** Examines a file. Returns whether it may be a list. */
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

  /** Throws a UserError where lists assign the images to several splits, although all would be train's. */
  requireNone(classOf: (image: string) => string): void {
    const ofSplits = this.#lists.filter(({ word, image }) => word !== undefined && image !== undefined);
    if (new Set(ofSplits.map(({ word }) => word)).size < 2) return;
    const image = ofSplits[0]!.image!;
    const files = ofSplits.slice(0, 4).map(({ file }) => file);
    throw dataError(
      `${this.#dir}: ${files.slice(0, -1).join(', ')} and ${files.at(-1)} say which images are of which split; the folders alone would mix ` +
        `them. To use them, write train.txt and test.txt (val.txt) into ${this.#dir}, a line an image of its path and label, such as ` +
        `"${image} ${classOf(image)}"; to leave them out, say ${asFolders}.`,
      this.#dir,
    );
  }

  #imageIn(file: string): string | undefined {
    const bases = new Set(this.#bases);
    for (let folder = folderOf(file); folder !== ''; folder = folderOf(folder)) bases.add(folder);
    for (const line of firstLinesOf(join(this.#dir, file))) {
      const fields = [line, ...line.split(/[\s,;|"]+/), line.slice(0, line.lastIndexOf(' '))];
      for (const field of new Set(fields)) {
        for (const base of bases) {
          const image = field === '' ? undefined : this.#imageAt(base === '' ? field : `${base}/${field}`);
          if (image !== undefined) return image;
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
