import { join } from 'node:path';
import { counted, dataError } from '../faults.js';
import { ClassFolders } from './class-folders.js';
import { type Folder, readFolder } from './folder.js';
import { asFolders, layoutOf, whyNoClasses } from './folder-layout.js';
import { deciding, type Form, type Given, mapGiven } from './form.js';
import { Ignored, imageExtensionList } from './image-files.js';
import { LabelTexts, numberLabels, numberNames, readClassNames } from './labels.js';
import { holdsImage, walk } from './tree.js';

/**
 * A folder for each class, with images in it or in its subfolders: `train/cat/1.jpg`, `val/cat/2.jpg`; or, without splits,
 * `cat/1.jpg`.
 */
export const folders: Form = {
  holds: `folders train/CLASS (and val/CLASS, test/CLASS), or CLASS, with images (${imageExtensionList})`,

  fits(folder) {
    const layout = layoutOf(folder, false);
    if (layout === undefined) return filesBelow(folder);
    if ('refused' in layout) return layout.refused;
    const only = layout.roots.train === '' ? oneClassOf(folder) : undefined;
    return only === undefined || oneClass(only);
  },

  read(folder, { source }) {
    const dir = folder.path;
    const asked = source === 'folders';
    const layout = layoutOf(folder, asked) ?? { roots: { train: '' }, notes: [] };
    if ('refused' in layout) throw dataError(`${dir}: ${layout.refused}.`, dir);
    const texts = new LabelTexts();
    const ignored = new Ignored();
    const all = mapGiven(layout.roots, (root) => readClasses(dir, root, texts, ignored));
    const names = readClassNames(dir);
    const { known: found, notes: strangers } =
      names === undefined ? withoutStrangers(all) : { known: all, notes: [] };
    const doubts = Object.values(found).flatMap((images) => whyNoClasses(images.foldersOfClasses) ?? []);
    if (doubts.length > 0 && !asked)
      throw dataError(`${dir}: ${doubts[0]}. If they are classes all the same, say ${asFolders}.`, dir);
    // Folder names are class names, unless they are numbers that classes.txt does not list: then they are labels.
    const known = new Set(names?.names ?? texts.all);
    const areNames = texts.all.every((name) => known.has(name));
    const numbering = (areNames ? numberNames : numberLabels)({
      texts: texts.all,
      ...deciding(found, ({ labelIds }) => labelIds),
      names,
    });
    const notes = [
      ...layout.notes,
      ...doubts.map((doubt) => `taken as classes all the same: ${doubt}`),
      ...strangers,
      ...numbering.notes,
      ...belowClasses(found),
      ...ignored.notes,
      ...emptyFolders(found),
    ];
    const splits = mapGiven(found, (images) => images.toSplit(numbering, texts.all));
    const uses = new Set(Object.values(found).flatMap(({ roots }) => roots));
    return { dir, classes: numbering.classes, splits, encoding: { type: 'file' }, notes, uses };
  },
};

/** The only folder with images; undefined where there are several, or none. */
function oneClassOf({ path, folders }: Folder): string | undefined {
  const withImages = folders.filter((name) => holdsImage(join(path, name)));
  return withImages.length === 1 ? withImages[0] : undefined;
}

/** A sentence on what the folders hold instead of images; false where they hold nothing. */
function filesBelow({ path, folders }: Folder): string | false {
  const ignored = new Ignored();
  for (const name of folders) walk(join(path, name), { file: (_, name) => ignored.addFile(name) });
  const [note] = ignored.notes;
  return note !== undefined && `there is no image in the folders (${note}); expected ${imageExtensionList}`;
}

function readClasses(dir: string, root: string, texts: LabelTexts, ignored: Ignored): ClassFolders {
  const path = join(dir, root);
  const { folders } = readFolder(path);
  const images = new ClassFolders(dir, root, ignored);
  for (const name of folders) images.addClass(name, texts.idOf(name));
  const expected = `${join(root, 'CLASS/NAME')}, NAME ending in one of ${imageExtensionList}`;
  if (images.labelIds.length === 0) {
    const found = [`found ${counted(folders.length, 'folder')}`, ...ignored.notes].join('; ');
    throw dataError(`${path}: no image in a folder of a class (${found}). Expected ${expected}.`, path);
  }
  if (root === '' && images.classes.length === 1)
    throw dataError(`${path}: ${oneClass(images.classes[0]!)}. Expected ${expected}.`, path);
  return images;
}

const oneClass = (name: string) => `found images in ${name}/ alone, which makes one class`;

/** Leaves out validation or test if none of its folders is a class of train: such images have no known label. */
function withoutStrangers(found: Given<ClassFolders>): { known: Given<ClassFolders>; notes: string[] } {
  const classes = new Set(found.train?.classes);
  const known: Partial<Record<keyof typeof found, ClassFolders>> = { ...found };
  const notes: string[] = [];
  for (const split of ['validation', 'test'] as const) {
    const images = found[split];
    if (images === undefined || found.train === undefined || images.classes.some((name) => classes.has(name)))
      continue;
    delete known[split];
    notes.push(`${split} is left out: its folders, such as ${images.roots[0]}, are none of train's classes`);
  }
  return { known, notes };
}

/** A note on folders inside class folders, which may have been meant as classes. */
function belowClasses(found: Given<ClassFolders>): string[] {
  const below = Object.values(found).flatMap(({ foldersOfClasses }) =>
    [...foldersOfClasses].flatMap(([name, folders]) => folders.map((folder) => `${name}/${folder}`)),
  );
  if (below.length === 0) return [];
  return [
    `images in ${counted(below.length, 'folder')} below those of classes, such as ${below[0]}, are of the class above`,
  ];
}

function emptyFolders(found: Given<ClassFolders>): string[] {
  const empty = Object.values(found).flatMap((images) => images.empty);
  return empty.length === 0 ? [] : [`no images in ${counted(empty.length, 'folder')}, such as ${empty[0]}`];
}
