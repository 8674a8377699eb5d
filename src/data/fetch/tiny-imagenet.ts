import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readWholeFile } from '../../files/open-file.js';
import { dataError } from '../faults.js';
import { classesFile } from '../sources/labels.js';
import { listFiles } from '../sources/lists.js';

/** The folder in the archive. */
export const tinyImagenetRoot = 'tiny-imagenet-200';

/**
 * Writes the lists of an unpacked Tiny ImageNet beside its folder: `train.txt`, `val.txt` and `classes.txt`, labels in the order
 * of wnids.txt. No `test.txt`: the labels of its test images were never published.
 */
export function writeTinyImagenetLists(folder: string): void {
  const root = join(folder, tinyImagenetRoot);
  const ids = rowsOf(join(root, 'wnids.txt')).map(([id]) => id!);
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(''));
  write(classesFile, namesOf(ids, join(root, 'words.txt')));
  write(
    listFiles.train,
    ids.flatMap((id, label) => trainLines(root, id, label)),
  );
  write(listFiles.validation, validationLines(join(root, 'val', 'val_annotations.txt'), ids));
}

/** Class names: the first of a class's names, all of them where another class has the same first name, its id where it has none. */
function namesOf(ids: readonly string[], file: string): string[] {
  const words = new Map(rowsOf(file).map(([id, names]) => [id!, names ?? '']));
  const all = ids.map((id) => words.get(id) || id);
  const first = all.map((names) => names.split(',')[0]!.trim());
  const count = new Map<string, number>();
  for (const name of first) count.set(name, 1 + (count.get(name) ?? 0));
  return first.map((name, label) => (count.get(name) === 1 ? name : all[label]!));
}

function trainLines(root: string, id: string, label: number): string[] {
  const names = readdirSync(join(root, 'train', id, 'images')).filter((name) => /\.jpe?g$/i.test(name));
  return names.sort().map((name) => `${tinyImagenetRoot}/train/${id}/images/${name} ${label}`);
}

/** The file's rows hold the image, the class id, and a box that is not used. */
function validationLines(file: string, ids: readonly string[]): string[] {
  const labels = new Map(ids.map((id, label) => [id, label]));
  return rowsOf(file).map(([name, id], row) => {
    const label = labels.get(id ?? '');
    if (label === undefined) {
      throw dataError(
        `${file}:${row + 1}: found class ${JSON.stringify(id)}, expected one of wnids.txt`,
        `${file}:${row + 1}`,
      );
    }
    return `${tinyImagenetRoot}/val/images/${name} ${label}`;
  });
}

/** The rows of a tab-separated file. */
const rowsOf = (file: string): string[][] =>
  readWholeFile(file)
    .toString()
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
