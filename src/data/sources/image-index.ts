import { join } from 'node:path';
import { unreadable } from '../../files/unreadable.js';
import type { SplitName } from '../dataset.js';
import { isFile } from './folder.js';
import { extensionOf, isImageExtension } from './image-files.js';
import { splitsAmong } from './split-names.js';
import { walk } from './tree.js';

/** Finds the image that a table means: by its path, by its file's name, or by that without its extension, in any folder. */
export class ImageIndex {
  readonly #dir: string;
  /** Folders below the dataset's that stand for splits. */
  readonly #splitOfFolder: ReadonlyMap<string, SplitName>;
  /** Paths by the file's name without its extension, folded; made when first needed, since it takes a walk through all folders. */
  #byStem: Map<string, string | string[]> | undefined;
  /** What the system has against a folder that could not be looked into. */
  #unread: unknown;

  /** `folders` are those that lie in `dir`. */
  constructor(dir: string, folders: readonly string[]) {
    this.#dir = dir;
    const { splits } = splitsAmong(folders);
    this.#splitOfFolder = new Map(
      (Object.entries(splits) as [SplitName, string][]).map(([split, name]) => [name, split]),
    );
  }

  /** Whether there is a file of this path. */
  has(path: string): boolean {
    return path !== '' && !path.includes('\0') && isFile(join(this.#dir, path));
  }

  /**
   * Paths of the images that `text` may mean: `id`, `id.jpg`, `folder/id.jpg`, or a longer path that ends with one of here. Of several,
   * those in the folder of the split.
   */
  find(text: string, split: SplitName | undefined): readonly string[] {
    const fitting = this.#fitting(plainPath(text), (name) => name);
    if (fitting.length < 2) return fitting;
    const ofSplit = fitting.filter(
      (path) => this.#splitOfFolder.get(path.slice(0, path.indexOf('/'))) === split,
    );
    return ofSplit.length > 0 ? ofSplit : fitting;
  }

  /** Of a text that means no image, the path where it would, were it spelled as one that differs in letter case or Unicode form alone. */
  nearly(text: string): string | undefined {
    const wanted = plainPath(text).split('/');
    const near = this.#fitting(wanted.join('/'), folded)[0]?.split('/');
    return near && [...near.slice(0, Math.max(0, near.length - wanted.length)), ...wanted].join('/');
  }

  /** Paths of the images that are `wanted`, as far as `spelled` tells two apart. */
  #fitting(wanted: string, spelled: (path: string) => string): readonly string[] {
    const name = wanted.slice(wanted.lastIndexOf('/') + 1);
    const hasExtension = isImageExtension(extensionOf(name));
    const all = [this.#index().get(folded(hasExtension ? stemOf(name) : name)) ?? []].flat();
    const asked = spelled(wanted);
    return all.filter((path) => {
      const own = spelled(hasExtension ? path : stemOf(path));
      return own === asked || own.endsWith(`/${asked}`) || (own.includes('/') && asked.endsWith(`/${own}`));
    });
  }

  /** Throws a UserError where a folder could not be looked into: what is not found may lie there. */
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

/** With `/` between folders, and without a `./` or `/` at its beginning. */
const plainPath = (text: string) => text.replaceAll('\\', '/').replace(/^(?:\.?\/)+/, '');

/** Of names that differ in letter case or Unicode form alone, one. */
const folded = (name: string) => name.normalize('NFC').toLowerCase();

const stemOf = (name: string) => name.slice(0, name.lastIndexOf('.'));
