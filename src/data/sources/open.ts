import { join, relative } from 'node:path';
import { type DataConfig, type SourceType, sourceTypes } from '../../config/schema.js';
import { UserError } from '../../errors.js';
import { perSplit } from '../dataset.js';
import { dataError, listed } from '../faults.js';
import type { Source, SourceSplit } from '../source.js';
import { arrays } from './arrays.js';
import { cifar10, cifar100 } from './cifar.js';
import { csv } from './csv.js';
import { type Folder, readFolder } from './folder.js';
import { folders } from './folders.js';
import type { Form, Found, Given } from './form.js';
import { idx } from './idx.js';
import { extensionOf, isImageExtension } from './image-files.js';
import { lists } from './lists.js';
import { splitOff } from './split-off.js';
import { StrayLists } from './stray-lists.js';
import { holdsImage } from './tree.js';
import { unusedNotes } from './unused.js';
import { webdataset } from './webdataset.js';

const forms: Readonly<Record<SourceType, Form>> = {
  lists,
  cifar10,
  cifar100,
  idx,
  arrays,
  csv,
  webdataset,
  folders,
};

/** How many names an error shows of a folder that is no dataset. */
const shownNames = 8;

/** Options for a dataset that is not trained on. */
export interface Wanted {
  /** Missing splits are empty, not taken off train. */
  readonly whole?: boolean;
  /** Train may be missing. Then all missing splits are empty. */
  readonly trainless?: boolean;
}

/**
 * Reads the dataset in `data.dir`, in the form that `data.source` names, or else in the first of `sourceTypes` that fits. If the folder
 * only wraps another one, that one is read. Missing splits are taken off train. Reads names, labels and headers, but no images; gzipped
 * IDX files are unzipped into `data.cache`.
 *
 * Throws a UserError (exit code data) for anything that is wrong with the dataset.
 */
export async function openSource(
  data: DataConfig,
  { whole = false, trainless = false }: Wanted = {},
): Promise<Source> {
  const top = readFolder(data.dir);
  const { folder, type } = data.source === 'auto' ? recognise(top, data) : placeOf(top, data.source, data);
  const { splits: given, uses, ...found } = await read(type, folder, data);
  const hasTrain = given.train !== undefined;
  if (!hasTrain && !trainless) throw noTrain(folder.path, given, forms[type].holds);
  const { splits, notes } =
    whole || !hasTrain
      ? { splits: perSplit((split) => given[split] ?? noImages), notes: [] }
      : splitOff(found.dir, { ...given, train: given.train }, data.split);
  const recognised = data.source === 'auto' ? [`recognised as ${type} (data.source)`] : [];
  const below = relative(top.path, found.dir);
  const nested = below === '' ? [] : [`the dataset lies in ${below}/`];
  const used = below === '' ? uses : new Set([...uses].map((path) => `${below}/${path}`));
  const lists = new StrayLists(top.path, below);
  const unused = unusedNotes(top.path, used, lists);
  const isPooled = type === 'folders' && given.validation === undefined && given.test === undefined;
  if (isPooled && data.source === 'auto')
    lists.requireNone((image) => relative(found.dir, join(top.path, image)).split('/')[0]!);
  return {
    ...found,
    splits,
    notes: [...recognised, ...nested, ...found.notes, ...notes, ...unused],
  };
}

/** Reads a folder in a form. If that fails, and the form was guessed, the error also names other forms that fit. */
async function read(type: SourceType, folder: Folder, data: DataConfig): Promise<Found> {
  try {
    return await forms[type].read(folder, data);
  } catch (error) {
    if (!(error instanceof UserError) || data.source !== 'auto') throw error;
    const others = sourceTypes.filter((other) => other !== type && forms[other].fits(folder, data) === true);
    if (others.length === 0) throw error;
    const advice = `It was read as ${type}, and fits ${others.join(' and ')} too: --source ${others[0]} (data.source) chooses that.`;
    throw new UserError(`${error.message}\n${advice}`, error.exitCode, { cause: error });
  }
}

function noTrain(dir: string, given: Given<SourceSplit>, expected: string): UserError {
  const others = Object.keys(given).join(' and ');
  return dataError(`${dir}: found ${others}, and none to train on; expected ${expected}.`, dir);
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

interface Place {
  readonly folder: Folder;
  readonly type: SourceType;
}

function recognise(folder: Folder, data: DataConfig): Place {
  const place = firstFitting(folder, data);
  if (place !== undefined) return place;
  const nearly = nearlyFitting(folder, data);
  const expected = sourceTypes.map((type) => `  ${type}: ${forms[type].holds}`);
  throw dataError(
    [
      `${folder.path}: found ${shownContentOf(folder)}, which is no dataset that lockstep recognises.`,
      ...(nearly.length === 0 ? [] : ['Nearly fits (--source or data.source chooses one):', ...nearly]),
      'Expected one of (data.source)',
      ...expected,
    ].join('\n'),
    folder.path,
  );
}

/** A line for each form that the folder, or the only folder in it, nearly fits. */
function nearlyFitting(folder: Folder, data: DataConfig): string[] {
  const inner = onlyFolderOf(folder);
  const below = inner === undefined ? [] : nearlyFitting(inner, data);
  const here = sourceTypes.flatMap((type) => {
    const why = forms[type].fits(folder, data);
    // For nested folders, the line about the inner folder is more useful.
    return typeof why === 'string' && (type !== 'folders' || below.length === 0) ? [`  ${type}: ${why}`] : [];
  });
  return [
    ...here,
    ...below.map((line) => line.replace(': ', `: in ${inner!.path.slice(folder.path.length + 1)}/, `)),
  ];
}

/** The first form that fits the folder, or else the only folder in it that is not empty. Archives often make such a wrapper. */
function firstFitting(folder: Folder, data: DataConfig): Place | undefined {
  const type = sourceTypes.find((each) => forms[each].fits(folder, data) === true);
  if (type !== undefined) return { folder, type };
  const inner = onlyFolderOf(folder);
  return inner && firstFitting(inner, data);
}

/** The folder with a dataset of this form: `folder`, or the wrapped one that fits. */
function placeOf(folder: Folder, type: SourceType, data: DataConfig): Place {
  for (let inner: Folder | undefined = folder; inner !== undefined; inner = onlyFolderOf(inner)) {
    if (forms[type].fits(inner, data) === true) return { folder: inner, type };
  }
  return { folder, type };
}

/** The only folder in a folder, or the only one with images; undefined where images lie beside it. */
function onlyFolderOf({ path, files, folders }: Folder): Folder | undefined {
  if (files.some((file) => isImageExtension(extensionOf(file)))) return undefined;
  const filled = folders.length === 1 ? folders : folders.filter((name) => holdsImage(join(path, name)));
  return filled.length === 1 ? readFolder(join(path, filled[0]!)) : undefined;
}

function shownContentOf({ files, folders }: Folder): string {
  const names = [...folders.map((name) => `${name}/`), ...files];
  return names.length === 0 ? 'nothing' : listed(names, shownNames, ', ');
}
