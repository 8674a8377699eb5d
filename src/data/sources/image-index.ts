import { join } from 'node:path';
import { unreadable } from '../../files/unreadable.js';
import type { SplitName } from '../dataset.js';
import { isFile } from './folder.js';
import { extensionOf, isImageExtension } from './image-files.js';
import { splitsAmong } from './split-names.js';
import { walk } from './tree.js';

/** Finds the image that a table refers to, in any folder: by path, by file name, or by file name without extension. */
export class ImageIndex {
  readonly #dir: string;
  /** Folders of the dataset that are named for splits. */
  readonly #splitOfFolder: ReadonlyMap<string, SplitName>;
  /** Paths by folded file name without extension. Made when first needed, since that reads all folders. */
  #byStem: Map<string, string | string[]> | undefined;
  /** The error of the first folder that could not be read. */
  #unread: unknown;

  /** @param folders names of the folders in `dir` */
  constructor(dir: string, folders: readonly string[]) {
    this.#dir = dir;
    const { splits } = splitsAmong(folders);
    this.#splitOfFolder = new Map(
      (Object.entries(splits) as [SplitName, string][]).map(([split, name]) => [name, split]),
    );
  }

  /** Whether there is a file with this path. */
  has(path: string): boolean {
    return path !== '' && !path.includes('\0') && isFile(join(this.#dir, path));
  }

  /**
   * Paths of the images that `text` may mean: `id`, `id.jpg`, `folder/id.jpg`, or a longer path that ends with an image's path. If there
   * are several, those in the split's folder are preferred.
   */
  find(text: string, split: SplitName | undefined): readonly string[] {
    const fitting = this.#fitting(plainPath(text), (name) => name);
    if (fitting.length < 2) return fitting;
    const ofSplit = fitting.filter(
      (path) => this.#splitOfFolder.get(path.slice(0, path.indexOf('/'))) === split,
    );
    return ofSplit.length > 0 ? ofSplit : fitting;
  }

  /** For a text that matches an image except for letter case or Unicode form: the path that an image of this spelling would have. */
  nearly(text: string): string | undefined {
    const wanted = plainPath(text).split('/');
    const near = this.#fitting(wanted.join('/'), folded)[0]?.split('/');
    return near && [...near.slice(0, Math.max(0, near.length - wanted.length)), ...wanted].join('/');
  }

  /** Paths of the images that match `wanted`, both compared after `spelled`. */
  #fitting(wanted: string, spelled: (path: string) => string): readonly string[] {
    const name = wanted.slice(wanted.lastIndexOf('/') + 1);
    const hasExtension = isImageExtension(extensionOf(name));
    const all = [this.#index().get(folded(hasExtension ? stemOf(name) : name)) ?? []].flat();
    const asked = spelled(wanted);
    return all.filter((path) => {
      const here = spelled(hasExtension ? path : stemOf(path));
      return (
        here === asked || here.endsWith(`/${asked}`) || (here.includes('/') && asked.endsWith(`/${here}`))
      );
    });
  }

  /** Throws a UserError where a folder could not be read, since a missing image may lie there. */
  requireWhole(): void {
    if (this.#unread !== undefined) throw this.#unread;
  }

  #index(): Map<string, string | string[]> {
    if (this.#byStem !== undefined) return this.#byStem;
    const index = new Map<string, string | string[]>();
    walk(this.#dir, {
      unreadable: (path, error) => {
        this.#unread ??= unreadable(join(this.#dir, path), error);
      },
      file(path, name) {
        if (!isImageExtension(extensionOf(name))) return;
        const stem = folded(stemOf(name));
        const others = index.get(stem);
        if (others === undefined) index.set(stem, path);
        else if (typeof others === 'string') index.set(stem, [others, path]);
        else others.push(path);
      },
    });
    this.#byStem = index;
    return index;
  }
}

/** The path with `/` as separator, without a leading `./` or `/`. */
const plainPath = (text: string) => text.replaceAll('\\', '/').replace(/^(?:\.?\/)+/, '');

/** Maps names that differ only in letter case or Unicode form to the same text. */
const folded = (name: string) => name.normalize('NFC').toLowerCase();

const stemOf = (name: string) => name.slice(0, name.lastIndexOf('.'));
