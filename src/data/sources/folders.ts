import { join } from 'node:path';
import { counted, dataError } from '../faults.js';
import { ClassFolders } from './class-folders.js';
import { entriesOf, type Folder, readFolder } from './folder.js';
import { type Form, type Given, mapGiven, requireTrain } from './form.js';
import { extensionOf, Ignored, imageExtensionList, isImageExtension } from './image-files.js';
import { LabelTexts, numberLabels, numberNames, readClassNames } from './labels.js';
import { splitsAmong } from './split-names.js';

/**
 * A folder for each class, named for it, with images in it or in folders below: `train/cat/1.jpg`, `val/cat/2.jpg`; or, without
 * splits, `cat/1.jpg`.
 */

/** Folders below a class's in which recognising looks for an image. */
const recognisedDepth = 2;

export const folders: Form = {
  holds: `folders train/CLASS (and val/CLASS, test/CLASS), or CLASS, with images (${imageExtensionList})`,

  recognises({ path, folders }) {
    if (folders.includes('train')) return readFolder(join(path, 'train')).folders.length > 0;
    return folders.some((name) => holdsImage(join(path, name), recognisedDepth));
  },

  read(folder) {
    const dir = folder.path;
    const texts = new LabelTexts();
    const ignored = new Ignored();
    const found = mapGiven(rootsOf(folder), (root) => readClasses(dir, root, texts, ignored));
    const names = readClassNames(dir);
    // Folders are names, unless they are numbers, and classes.txt says what these mean instead of listing them.
    const known = new Set(names?.names ?? texts.all);
    const areNames = texts.all.every((name) => known.has(name));
    const numbering = (areNames ? numberNames : numberLabels)({
      texts: texts.all,
      train: found.train.labelIds,
      trainName: 'train',
      names,
    });
    const notes = [...numbering.notes, ...ignored.notes, ...emptyFolders(found)];
    const splits = mapGiven(found, (images) => images.toSplit(numbering, texts.all));
    return { dir, classes: numbering.classes, splits, encoding: { type: 'file' }, notes };
  },
};

/** The folders of splits; '' where there are none, so that all is train. */
function rootsOf({ path, folders }: Folder): Given<string> {
  const roots = splitsAmong(path, folders);
  const all = Object.keys(roots).length === folders.length && folders.length > 0;
  return roots.train !== undefined || all ? requireTrain(path, roots, 'a folder train') : { train: '' };
}

function readClasses(dir: string, root: string, texts: LabelTexts, ignored: Ignored): ClassFolders {
  const path = join(dir, root);
  const { files, folders } = readFolder(path);
  for (const file of files) {
    if (isImageExtension(extensionOf(file))) ignored.add('images outside the folders of classes');
  }
  const images = new ClassFolders(dir, root, ignored);
  for (const name of folders) images.addClass(name, texts.idOf(name));
  const expected = `${join(root, 'CLASS/NAME')}, NAME ending in one of ${imageExtensionList}`;
  if (images.labelIds.length === 0) {
    const found = [`found ${counted(folders.length, 'folder')}`, ...ignored.notes].join('; ');
    throw dataError(`${path}: no image in a folder of a class (${found}). Expected ${expected}.`);
  }
  if (root === '' && images.classes.length === 1) {
    throw dataError(
      `${path}: found images in ${images.classes[0]}/ alone, which makes one class. Expected ${expected}.`,
    );
  }
  return images;
}

function emptyFolders(found: Given<ClassFolders>): string[] {
  const empty = Object.values(found).flatMap((images) => images.empty);
  return empty.length === 0 ? [] : [`no images in ${counted(empty.length, 'folder')}, such as ${empty[0]}`];
}

/** Whether there is an image in the folder, or at most `depth` folders below. */
function holdsImage(path: string, depth: number): boolean {
  const entries = entriesOf(path);
  if (entries.some(({ name }) => isImageExtension(extensionOf(name)) && !name.startsWith('.'))) return true;
  return depth > 0 && entries.some((e) => e.isDirectory() && holdsImage(join(path, e.name), depth - 1));
}
