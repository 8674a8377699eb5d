import { counted } from '../faults.js';
import { suffix as tableSuffix } from './csv-choice.js';
import { extensionOf, isImageExtension } from './image-files.js';
import type { StrayLists } from './stray-lists.js';
import { recordFile } from './system-names.js';
import { walk } from './tree.js';
import { isShard } from './webdataset.js';

/** Files that may hold labels, in formats that lockstep does not read. */
const strange = /\.(?:jsonl?|xlsx?|ods|parquet|arrow|feather|mat|npz|npy|pkl|pickle|h5|hdf5)$/i;
/** How many folders, and how many files, a note names. */
const shownNames = 6;

/**
 * Notes on files in a dataset's folder that could be part of it but are not used: images (counted by folder), csv files, lists, shards, and
 * files that may hold labels in another format.
 * @param uses paths, below `dir`, of used files and folders
 * @param lists collects the files that may be lists
 */
export function unusedNotes(dir: string, uses: ReadonlySet<string>, lists: StrayLists): string[] {
  const images = new Map<string, number>();
  const files: string[] = [];
  const closed: string[] = [];
  walk(dir, {
    enters: (path) => !uses.has(path),
    file(path, name) {
      if (uses.has(path)) return;
      if (isImageExtension(extensionOf(name))) {
        const folder = path.slice(0, Math.max(0, path.indexOf('/')));
        images.set(folder, (images.get(folder) ?? 0) + 1);
      } else {
        const isTable = tableSuffix.test(name) && path.split('/').length <= 2;
        const isStrange = strange.test(name) && !path.includes('/') && name !== recordFile;
        if (lists.add(path, name) || isTable || isShard(name) || isStrange) files.push(path);
      }
    },
    unreadable: (path) => closed.push(path),
  });
  const parts = [
    ...firstOf(
      [...images].sort(([, a], [, b]) => b - a),
      ([folder, count]) =>
        `${counted(count, 'image')} ${folder === '' ? 'beside the folders' : `in ${folder}/`}`,
      'folders',
    ),
    ...firstOf(files.sort(), (file) => file, 'files'),
  ];
  const notes = parts.length === 0 ? [] : [`not used: ${parts.join(', ')}`];
  if (closed.length > 0)
    notes.push(
      `not read, since the system refuses: ${firstOf(closed, (path) => `${path}/`, 'folders').join(', ')}`,
    );
  return notes;
}

function firstOf<T>(all: readonly T[], text: (each: T) => string, what: string): string[] {
  const shown = all.slice(0, shownNames).map(text);
  return all.length > shownNames ? [...shown, `${all.length - shownNames} more ${what}`] : shown;
}
