import { join } from 'node:path';
import type { SplitName } from '../dataset.js';
import { dataError } from '../faults.js';
import { type Folder, isFile } from './folder.js';
import { asFolders } from './folder-layout.js';
import { deciding, type Form, mapGiven, namesOf, requireSome } from './form.js';
import { extensionOf, isImageExtension } from './image-files.js';
import { LabelTexts, numberLabels, readClassNames } from './labels.js';
import { firstLinesOf, forEachLine } from './lines.js';
import { Listing } from './listing.js';
import { requireNoClash, type SplitsFound, splitsAmong, splitWordIn } from './split-names.js';

/**
 * A dataset as list files named for splits: `train.txt`, `val.txt`, `test.txt`. Each line has an image's path relative to the folder, a
 * space, and the label: a number, or a name without spaces.
 */

export const listFiles = {
  train: 'train.txt',
  validation: 'val.txt',
  test: 'test.txt',
} as const satisfies Record<SplitName, string>;

const line = 'lines of "path label"';

const suffix = /\.txt$/i;

export const lists: Form = {
  holds: `${listFiles.train}, ${line}; if there, ${listFiles.validation}, ${listFiles.test}`,

  fits(folder) {
    const found = listsAmong(folder);
    const named = Object.values(found.splits);
    // Two lists for one split: `read` asks the user to choose.
    if (found.clash !== undefined)
      return folder.files.some((name) => isNamed(name) && contentOf(folder.path, name) === 'labels');
    const lists = named.map((name) => ({ name, holds: contentOf(folder.path, name) }));
    if (lists.some(({ holds }) => holds === 'labels')) return true;
    const paths = lists.filter(({ holds }) => holds === 'paths').map(({ name }) => name);
    // Lists of several splits separate test images from training images; folders alone would mix them.
    if (paths.length > 1) return true;
    if (paths.length > 0) return `${paths[0]} lists images without labels`;
    return named.length > 0 && `${named.join(' and ')} ${named.length === 1 ? 'has' : 'have'} no ${line}`;
  },

  read(folder) {
    const dir = folder.path;
    const named = listsAmong(folder);
    requireNoClash(dir, named);
    requireSome(dir, named.splits, `${line} in ${listFiles.train}`);
    requireLabels(folder, named);
    const texts = new LabelTexts();
    const given = mapGiven(named.splits, (name) => readList(dir, name, texts));
    const numbering = numberLabels({
      texts: texts.all,
      ...deciding(
        given,
        (list) => list.labelIds,
        (split) => named.splits[split]!,
      ),
      names: readClassNames(dir),
    });
    const splits = mapGiven(given, (list) => list.toSplit(numbering, line));
    const notes = [...named.notes, ...numbering.notes];
    const uses = new Set([...Object.values(named.splits), ...namesOf(splits)]);
    return { dir, classes: numbering.classes, splits, encoding: { type: 'file' }, notes, uses };
  },
};

/** The lists by their names, whatever they contain. */
const listsAmong = ({ files }: Folder) => splitsAmong(files, suffix);

const isNamed = (name: string) => suffix.test(name) && splitWordIn(name) !== undefined;

function requireLabels(folder: Folder, { splits }: SplitsFound): void {
  const names = Object.values(splits);
  if (names.some((name) => contentOf(folder.path, name) !== 'paths')) return;
  throw dataError(
    `${folder.path}: ${names.join(' and ')} ${names.length === 1 ? 'lists' : 'list'} images without labels; expected ${line}. ` +
      `Add the labels; or, to take the folders that the images lie in as classes and leave the lists out, say ${asFolders}.`,
    folder.path,
  );
}

/**
 * What the first lines of a text file list: images with labels, images without, or no images. A text counts as a path if it has an
 * image's extension, or if there is such a file.
 */
export function contentOf(dir: string, name: string): 'labels' | 'paths' | undefined {
  const lines = firstLinesOf(join(dir, name));
  const isPath = (text: string) =>
    isImageExtension(extensionOf(text)) || (text !== '' && isFile(join(dir, text)));
  const hasLabel = (line: string) => {
    const fields = line.split(/\s+/);
    if (fields.length < 2) return false;
    // A label before the path is reported by `readList`.
    if (isPath(line)) return isPath(fields.at(-1)!) && !isFile(join(dir, line));
    return fields.some(isPath) || isPath(line.slice(0, line.lastIndexOf(' ')));
  };
  if (lines.some(hasLabel)) return 'labels';
  return lines.some(isPath) ? 'paths' : undefined;
}

const isImageName = (text: string) => isImageExtension(extensionOf(text));

function readList(dir: string, name: string, texts: LabelTexts): Listing {
  const list = new Listing(dir, name, texts);
  forEachLine(join(dir, name), (line, number) => {
    if (line === '') return;
    const space = line.lastIndexOf(' ');
    const path = line.slice(0, space).trimEnd();
    const label = line.slice(space + 1);
    if (space === -1 || path === '') {
      list.addFault(number, `no label: found ${JSON.stringify(line)}, expected "path label"`);
    } else if (isImageName(label) && !isImageName(path)) {
      list.addFault(
        number,
        `the label seems to stand first: found ${JSON.stringify(line)}, expected "path label"`,
      );
    } else {
      list.add(number, path, label);
    }
  });
  return list;
}
