import { join } from 'node:path';
import type { SplitName } from '../dataset.js';
import { dataError } from '../faults.js';
import { type Folder, readFolder } from './folder.js';
import { folders } from './folders.js';
import { type Form, mapGiven, requireTrain } from './form.js';
import { Ignored } from './image-files.js';
import { LabelTexts, numberLabels, readClassNames } from './labels.js';
import { Samples } from './samples.js';
import { anySplitWord, splitOfWord, splitsAmong } from './split-names.js';
import { TarReader } from './tar.js';

/**
 * Tar files in WebDataset's form (https://github.com/webdataset/webdataset): a sample is neighbours of one key, `key.jpg` and `key.cls`,
 * the latter a number or a name; `key.txt` will do. The shards lie in folders named for splits, or have a split in their names
 * (`train-000000.tar`), or all are of train. Only headers and labels are read.
 */

const splitInName = new RegExp(`(?:^|[-_.])(${anySplitWord})(?=[-_.\\d])`, 'i');
const isShard = (file: string) => /\.(?:tar|tgz|tar\.\w+)$/.test(file);

export const webdataset: Form = {
  holds: 'tar files of key.jpg and key.cls, with names as train-000000.tar or in folders train, val, test',

  // An archive beside class folders is what they were unpacked from.
  recognises: (folder, data) =>
    (folder.files.some(isShard) && !folders.recognises(folder, data)) ||
    Object.keys(shardsInFolders(folder)).length > 0,

  read(folder) {
    const dir = folder.path;
    const shards = requireTrain(dir, shardsOf(folder), webdataset.holds);
    const texts = new LabelTexts();
    const ignored = new Ignored();
    const samples = mapGiven(shards, (files) => readShards(dir, files, texts, ignored));
    const numbering = numberLabels({
      texts: texts.all,
      train: samples.train.labelIds,
      trainName: 'train',
      names: readClassNames(dir),
    });
    return {
      dir,
      classes: numbering.classes,
      splits: mapGiven(samples, (own) => own.toSplit(numbering)),
      encoding: { type: 'file' },
      notes: [...numbering.notes, ...ignored.notes],
    };
  },
};

type Shards = Partial<Record<SplitName, string[]>>;

/** Paths below the folder. Throws a UserError where some have a split in their names and some not. */
function shardsOf(folder: Folder): Shards {
  const shards = shardsInFolders(folder);
  const unnamed: string[] = [];
  for (const file of folder.files.filter(isShard)) {
    const word = splitInName.exec(file)?.[1];
    if (word === undefined) {
      unnamed.push(file);
    } else {
      const split = splitOfWord(word)!;
      shards[split] = [...(shards[split] ?? []), file];
    }
  }
  if (unnamed.length === 0) return shards;
  if (Object.keys(shards).length === 0) return { train: unnamed };
  throw dataError(
    `${folder.path}: ${unnamed[0]} has no split in its name, as other shards have; expected train, val or test in it.`,
  );
}

function shardsInFolders({ path, folders }: Folder): Shards {
  const shards: Shards = {};
  for (const [split, name] of Object.entries(splitsAmong(path, folders)) as [SplitName, string][]) {
    const files = readFolder(join(path, name)).files.filter(isShard);
    if (files.length > 0) shards[split] = files.map((file) => `${name}/${file}`);
  }
  return shards;
}

function readShards(dir: string, shards: readonly string[], texts: LabelTexts, ignored: Ignored): Samples {
  const samples = new Samples(dir, texts, ignored);
  for (const shard of shards) {
    if (!shard.endsWith('.tar')) {
      throw dataError(
        `${join(dir, shard)}: is compressed, so no part of it can be read by itself; unzip it to .tar.`,
      );
    }
    const tar = new TarReader(join(dir, shard));
    try {
      samples.addShard(shard, tar);
    } finally {
      tar.close();
    }
  }
  return samples;
}
