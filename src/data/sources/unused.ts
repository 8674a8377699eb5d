import { counted } from '../faults.js';
import { suffix as tableSuffix } from './csv-choice.js';
import { extensionOf, isImageExtension } from './image-files.js';
import type { StrayLists } from './stray-lists.js';
import { recordFile } from './system-names.js';
import { walk } from './tree.js';
import { isShard } from './webdataset.js';

/** Files that may hold labels and that lockstep does not read. */
const strange = /\.(?:jsonl?|xlsx?|ods|parquet|arrow|feather|mat|npz|npy|pkl|pickle|h5|hdf5)$/i;
/** As many folders, and as many files, are named. */
const shownNames = 6;

/**
 * What lies in a dataset's folder and could be a part of it, but is not used: images, counted by the folders that they lie in, csv files,
 * lists, shards, and beside them what may be labels in another form. One sentence, or none. `uses` are paths below `dir` of what is used, files and whole folders; `lists` takes what may
 * be lists.
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
