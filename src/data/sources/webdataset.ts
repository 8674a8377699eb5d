import { join } from 'node:path';
import type { SplitName } from '../dataset.js';
import { dataError } from '../faults.js';
import { type Folder, readFolder } from './folder.js';
import { folders } from './folders.js';
import { deciding, type Form, type Given, mapGiven, requireSome } from './form.js';
import { Ignored } from './image-files.js';
import { LabelTexts, numberLabels, readClassNames } from './labels.js';
import { Samples } from './samples.js';
import { requireNoClash, splitsAmong, splitsOfWords, splitWordIn } from './split-names.js';
import { TarReader } from './tar.js';

/**
 * WebDataset's tar files (https://github.com/webdataset/webdataset). A sample is two neighbouring entries with the same key: `key.jpg`, and
 * `key.cls` (or `key.txt`) with a number or a name. The shards lie in folders named for splits, or have a split in their names
 * (`train-000000.tar`), or are all train's. Only headers and labels are read.
 */

const isTar = (file: string) => /\.tar$/i.test(file);
const isCompressed = (file: string) => /\.(?:tgz|tar\.(?:gz|bz2|xz|zst|lz4|br|z))$/i.test(file);
/** Whether a file is a shard, perhaps a compressed one, which cannot be read. */
export const isShard = (file: string): boolean => isTar(file) || isCompressed(file);

export const webdataset: Form = {
  holds: 'tar files of key.jpg and key.cls, with names as train-000000.tar or in folders train, val, test',

  fits(folder, data) {
    const shards = allShards(folder);
    if (shards.length === 0) return false;
    // An archive beside class folders is probably what they were unpacked from.
    if (folders.fits(folder, data) === true) return `${shards[0]} lies beside folders of images`;
    return shards.some(isTar) || `${shards[0]}: ${compressed}`;
  },

  read(folder) {
    const dir = folder.path;
    const { shards, notes } = shardsOf(folder);
    requireSome(dir, shards, webdataset.holds);
    const texts = new LabelTexts();
    const ignored = new Ignored();
    const samples = mapGiven(shards, (files) => readShards(dir, files, texts, ignored));
    const numbering = numberLabels({
      texts: texts.all,
      ...deciding(samples, ({ labelIds }) => labelIds),
      names: readClassNames(dir),
    });
    return {
      dir,
      classes: numbering.classes,
      splits: mapGiven(samples, (split) => split.toSplit(numbering)),
      encoding: { type: 'file' },
      notes: [...notes, ...numbering.notes, ...ignored.notes],
      uses: new Set(Object.values(shards).flat()),
    };
  },
};

const compressed = 'is compressed, so no part of it can be read by itself; unzip it to .tar';

/** Paths of all shards below the folder. A compressed copy of an existing shard is left out. */
function allShards(folder: Folder): string[] {
  const inFolders = Object.values(splitsAmong(folder.folders).splits).flatMap((name) =>
    shardsIn(readFolder(join(folder.path, name))).map((file) => `${name}/${file}`),
  );
  return [...inFolders, ...shardsIn(folder)];
}

function shardsIn({ files }: Folder): string[] {
  const plain = new Set(files.filter(isTar));
  return files.filter((file) => plain.has(file) || (isCompressed(file) && !plain.has(unzippedName(file))));
}

const unzippedName = (file: string) =>
  /\.tgz$/i.test(file) ? file.replace(/\.tgz$/i, '.tar') : file.replace(/\.\w+$/, '');

/** The shards of each split. Throws a UserError where only some have a split in their names. */
function shardsOf(folder: Folder): { shards: Given<string[]>; notes: readonly string[] } {
  const dir = folder.path;
  const named = splitsAmong(folder.folders);
  requireNoClash(dir, named);
  const shards: Partial<Record<SplitName, string[]>> = {};
  for (const [split, name] of Object.entries(named.splits) as [SplitName, string][]) {
    const files = shardsIn(readFolder(join(dir, name)));
    if (files.length > 0) shards[split] = files.map((file) => `${name}/${file}`);
  }
  const loose = shardsIn(folder);
  const words = splitsOfWords(loose.flatMap((file) => splitWordIn(file) ?? []));
  requireNoClash(dir, words);
  const splitOf = (file: string) => words.of(splitWordIn(file) ?? '');
  const unnamed = loose.filter((file) => splitOf(file) === undefined);
  if (unnamed.length === 0) {
    for (const file of loose) {
      const split = splitOf(file)!;
      shards[split] ??= [];
      shards[split].push(file);
    }
  } else if (unnamed.length === loose.length && Object.keys(shards).length === 0) {
    shards.train = unnamed;
  } else {
    throw dataError(
      `${dir}: ${unnamed[0]} has no split in its name, as other shards have; expected train, val or test in it.`,
      dir,
    );
  }
  return { shards, notes: [...named.notes, ...words.notes] };
}

function readShards(dir: string, shards: readonly string[], texts: LabelTexts, ignored: Ignored): Samples {
  const samples = new Samples(dir, texts, ignored);
  for (const shard of shards) {
    if (!isTar(shard)) throw dataError(`${join(dir, shard)}: ${compressed}.`, join(dir, shard));
    const tar = new TarReader(join(dir, shard));
    try {
      samples.addShard(shard, tar);
    } finally {
      tar.close();
    }
  }
  return samples;
}
