import { join } from 'node:path';
import type { SplitName } from '../dataset.js';
import { listed } from '../faults.js';
import { type Folder, readFolder } from './folder.js';
import type { Given } from './form.js';
import { extensionOf, isImageExtension } from './image-files.js';
import { isContainerName, splitsAmong, wordsOf } from './split-names.js';
import { holdsImage } from './tree.js';

/** Decides what the folders of a dataset are: splits that hold a folder for each class, or classes. */

export type Layout =
  /** For each split the folder, below the dataset's, that holds its class folders; '' where all is train. */
  | { readonly roots: Given<string>; readonly notes: readonly string[] }
  /** A sentence: why these are no classes, and what to do. */
  | { readonly refused: string };

/** How many names a message shows. */
const shownNames = 6;

/** In messages: the option that says that folders are classes. */
export const asFolders = '--source folders (data.source)';

/**
 * What the folders in `folder` are. Undefined where no image lies in any of them.
 * @param asked whether the user says that they are splits or classes; otherwise ambiguous layouts are refused
 */
export function layoutOf(folder: Folder, asked: boolean): Layout | undefined {
  const { path, folders } = folder;
  const classes = (notes: readonly string[]): Layout => ({ roots: { train: '' }, notes });
  const found = splitsAmong(folders);
  const names = Object.values(found.splits);
  const others = folders.filter((name) => !names.includes(name) && holdsImage(join(path, name)));
  const parts = Object.entries(found.splits).map(([split, name]) => partOf(path, split as SplitName, name));
  const withClasses = parts.filter(({ classes }) => classes);
  const flat = parts.filter(({ classes, images }) => images && !classes);
  if (others.length === 0 && withClasses.length === 0 && flat.length === 0 && found.clash === undefined)
    return undefined;
  if (found.clash !== undefined) {
    const areFlat = folders.every((name) => readFolder(join(path, name)).folders.length === 0);
    if (asked && areFlat) return classes([]);
    return { refused: `${found.clash}${areFlat ? `, or say ${asFolders} if they are classes` : ''}` };
  }
  if (withClasses.length > 0) {
    const [part] = parts as [Part];
    const beside = parts.length > 1 ? [] : others.filter((name) => !isSpare(name));
    if (beside.length === 0) return splitsOf(parts, found.notes);
    if (!asked) {
      return {
        refused:
          `${part.name}/ may be a split or a class, since images lie in ${shown(beside)} beside it. If it is a class, say ${asFolders}; ` +
          `if it is a split, give ${join(path, part.name)} as the folder`,
      };
    }
  }
  if (asked) return classes([]);
  if (flat.length === 0) return classes(found.notes);
  // A class, one of several, may be called train or test.
  const [first] = flat as [Part];
  if (flat.length === 1 && parts.length === 1 && others.length >= (first.split === 'train' ? 2 : 1)) {
    return classes([`${first.name}/ is taken as a class: it holds images, as ${shown(others)} do`]);
  }
  const flats = shown(flat.map(({ name }) => name));
  return {
    refused:
      `images lie in ${flats} and not in folders of classes below, so that nothing says what they show. Put each class's into a folder ` +
      `of its own, add a csv file with the columns path and label, or, if ${flats} are classes, say ${asFolders}`,
  };
}

/** A folder named for a split. */
interface Part {
  readonly split: SplitName;
  readonly name: string;
  /** The folder that holds the class folders, below the dataset's. */
  readonly root: string;
  /** Whether it holds folders with images. */
  readonly classes: boolean;
  /** Whether images lie directly in it. */
  readonly images: boolean;
}

function partOf(dir: string, split: SplitName, name: string): Part {
  const root = rootIn(dir, name);
  const { path, files, folders } = readFolder(join(dir, root));
  const classes = folders.some((each) => holdsImage(join(path, each)));
  return { split, name, root, classes, images: files.some(isImage) };
}

const isImage = (file: string) => isImageExtension(extensionOf(file));

/** Enters wrapper folders, which archives often have: `seg_train/seg_train/CLASS`, `train/images/CLASS`. */
function rootIn(dir: string, root: string): string {
  const { path, files, folders } = readFolder(join(dir, root));
  if (folders.length !== 1 || files.some(isImage)) return root;
  const [only] = folders as [string];
  const inner = readFolder(join(path, only));
  if (inner.folders.length < 2) return root.endsWith(`/${only}`) || root === only ? `${root}/${only}` : root;
  return rootIn(dir, `${root}/${only}`);
}

/** The layout of the parts with classes. The other parts are left out, each with a note. */
function splitsOf(parts: readonly Part[], notes: readonly string[]): Layout {
  const roots: Partial<Record<SplitName, string>> = {};
  const leftOut: string[] = [];
  for (const { split, name, root, classes, images } of parts) {
    if (classes) roots[split] = root;
    else
      leftOut.push(
        `${name}/ is left out: ${images ? 'its images lie in no folder of a class' : 'there is no image in it'}`,
      );
  }
  return { roots, notes: [...notes, ...leftOut] };
}

/** Whether a folder beside train has a usual name for something that is no class. Such a folder is reported as unused. */
function isSpare(name: string): boolean {
  return /(?:^|[^a-z])(?:extra|pred|predict|predictions?|unlabell?ed|samples?|examples?|masks?|docs?|readme|assets?|results?|outputs?)(?:$|[^a-z])/i.test(
    name,
  );
}

const shown = (names: readonly string[]): string =>
  listed(
    names.map((name) => `${name}/`),
    shownNames,
    ', ',
  );

/** For each class, by name, its subfolders that hold images. */
export type FoldersOfClasses = ReadonlyMap<string, readonly string[]>;

const maskWords = /^(?:masks?|segmentations?|gts?|ground ?truths?|labels?|annotations?)$/;
const wholeWords = /^(?:originals?|inputs?|raw|rgb|colou?r)$/;

const hasWord = (name: string, pattern: RegExp) =>
  wordsOf(name).some((word) => pattern.test(word)) || pattern.test(wordsOf(name).join(' '));

const isOfWholeImages = (name: string) => isContainerName(name) || hasWord(name, wholeWords);

/** Why folders with images are probably no classes; undefined where they may be. */
export function whyNoClasses(classes: FoldersOfClasses): string | undefined {
  const names = [...classes.keys()];
  const masks = names.find((name) => hasWord(name, maskWords));
  if (masks !== undefined && names.some((name) => name !== masks && isOfWholeImages(name))) {
    return `${shown(names)} look like the images and the masks of a segmentation set, which has no classes of whole images`;
  }
  if (names.every(isContainerName)) {
    return `${shown(names)} have the names of parts of a dataset, not of classes`;
  }
  const [first = [], ...rest] = classes.values();
  const common = first.filter((name) => rest.every((folders) => folders.includes(name)));
  const all = new Set([...classes.values()].flat());
  if (rest.length > 0 && common.length >= 2 && all.size <= 2 * common.length) {
    const same = `${shown(names)} all have the same folders (${shown(common)})`;
    return Object.keys(splitsAmong(common).splits).length > 1
      ? `${same}: splits below classes; expected classes below splits, such as ${common[0]}/${names[0]}`
      : `${same}: they look like parts of a dataset, and the folders in them like classes; name the parts train, val and test`;
  }
  return undefined;
}
