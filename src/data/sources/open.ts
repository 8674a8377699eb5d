import { type DataConfig, type SourceType, sourceTypes } from '../../config/schema.js';
import { UserError } from '../../errors.js';
import { perSplit } from '../dataset.js';
import { dataError } from '../faults.js';
import type { Source, SourceSplit } from '../source.js';
import { cifar10, cifar100 } from './cifar.js';
import { csv } from './csv.js';
import { type Folder, readFolder } from './folder.js';
import { folders } from './folders.js';
import type { Form, Found } from './form.js';
import { idx } from './idx.js';
import { lists } from './lists.js';
import { splitOff } from './split-off.js';
import { webdataset } from './webdataset.js';

const forms: Readonly<Record<SourceType, Form>> = { lists, cifar10, cifar100, idx, csv, webdataset, folders };

/** As many names of a folder that is no dataset are shown. */
const shownNames = 8;

/**
 * The dataset of a config: `data.dir`, read in the form that `data.source` names, or the first of `sourceTypes` that it looks like.
 * Splits that it lacks are taken off train, or are empty where `whole`. Reads names, labels and headers, and no image; gzipped IDX files are unzipped into
 * `data.cache`.
 *
 * Throws a UserError (exit code data) for anything that is wrong with it.
 */
export async function openSource(data: DataConfig, whole = false): Promise<Source> {
  const folder = readFolder(data.dir);
  const type = data.source === 'auto' ? recognise(folder, data) : data.source;
  const passed = type === 'csv' || data.source !== 'auto' ? [] : passedOver(folder, data);
  const found = await read(type, folder, data, passed);
  const { splits, notes } = whole
    ? { splits: perSplit((split) => found.splits[split] ?? noImages), notes: [] }
    : splitOff(found.dir, found.splits, data.split);
  const recognised = data.source === 'auto' ? [`recognised as ${type} (data.source)`] : [];
  return { ...found, splits, notes: [...recognised, ...passed, ...found.notes, ...notes] };
}

const nothing = () => {
  throw new RangeError('there is no such image');
};
const noImages: SourceSplit = {
  labels: new Int32Array(0),
  nameOf: nothing,
  placeOf: nothing,
  bytesOf: nothing,
};

/** What is wrong may be that the dataset is another one than it looks like. */
async function read(
  type: SourceType,
  folder: Folder,
  data: DataConfig,
  passed: readonly string[],
): Promise<Found> {
  try {
    return await forms[type].read(folder, data);
  } catch (error) {
    if (!(error instanceof UserError) || passed.length === 0) throw error;
    throw new UserError(`${error.message}\n${passed.join('\n')}`, error.exitCode, { cause: error });
  }
}

/** Files that might have been meant, and why they were not read. */
function passedOver({ files }: Folder, { csv: { path, label } }: DataConfig): string[] {
  const others = files.filter((file) => file.toLowerCase().endsWith('.csv'));
  if (others.length === 0) return [];
  return [`not read: ${others.join(', ')}, without the columns ${path} and ${label} (data.csv names others)`];
}

function recognise(folder: Folder, data: DataConfig): SourceType {
  const type = sourceTypes.find((type) => forms[type].recognises(folder, data));
  if (type !== undefined) return type;
  const expected = sourceTypes.map((type) => `  ${type}: ${forms[type].holds}`);
  throw dataError(
    `${folder.path}: found ${contentOf(folder)}, which is no dataset. Expected one of (data.source)\n${expected.join('\n')}`,
  );
}

function contentOf({ files, folders }: Folder): string {
  const names = [...folders.map((name) => `${name}/`), ...files];
  if (names.length === 0) return 'nothing';
  const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : '';
  return names.slice(0, shownNames).join(', ') + more;
}
