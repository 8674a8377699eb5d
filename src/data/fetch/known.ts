import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { classesFile } from '../sources/labels.js';
import { listFiles } from '../sources/lists.js';
import { tinyImagenetRoot, writeTinyImagenetLists } from './tiny-imagenet.js';
import type { Bounds } from './unpack.js';

/** A dataset that can be fetched by name. */
export interface KnownDataset {
  /** The publisher's address; a file's name is appended to it. */
  readonly base: string;
  readonly files: readonly KnownFile[];
  /** Archives of this form, or `file`: the dataset's files themselves. */
  readonly form: 'tar.gz' | 'zip' | 'file';
  /** Limits of each archive. */
  readonly most: Bounds;
  /** Adds the files that lockstep needs besides the unpacked ones. */
  finish?(folder: string): void;
  /** Files that a complete folder has: sizes in bytes, or null for any size. */
  readonly contents: Readonly<Record<string, number | null>>;
}

export interface KnownFile {
  readonly name: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

const MiB = 2 ** 20;

/**
 * Sizes and SHA-256 of MNIST, Fashion-MNIST and CIFAR are from TensorFlow Datasets (tensorflow_datasets/url_checksums). Tiny ImageNet's
 * publisher gives none: its SHA-256 is the one that several public projects record for the file of 248,100,043 bytes.
 */
export const knownDatasets = {
  mnist: idx(
    // The mirror of the PyTorch project: http://yann.lecun.com/exdb/mnist no longer serves the files.
    'https://ossci-datasets.s3.amazonaws.com/mnist/',
    [
      [
        'train-images-idx3-ubyte.gz',
        9912422,
        '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
      ],
      [
        'train-labels-idx1-ubyte.gz',
        28881,
        '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
      ],
      [
        't10k-images-idx3-ubyte.gz',
        1648877,
        '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
      ],
      ['t10k-labels-idx1-ubyte.gz', 4542, 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6'],
    ],
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  ),
  'fashion-mnist': idx(
    'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/', // it has no https
    [
      [
        'train-images-idx3-ubyte.gz',
        26421880,
        '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
      ],
      [
        'train-labels-idx1-ubyte.gz',
        29515,
        'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
      ],
      [
        't10k-images-idx3-ubyte.gz',
        4422102,
        '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
      ],
      ['t10k-labels-idx1-ubyte.gz', 5148, '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5'],
    ],
    [
      'T-shirt/top',
      'Trouser',
      'Pullover',
      'Dress',
      'Coat',
      'Sandal',
      'Shirt',
      'Sneaker',
      'Bag',
      'Ankle boot',
    ],
  ),
  cifar10: cifar(
    ['cifar-10-binary.tar.gz', 170052171, 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd'],
    {
      ...Object.fromEntries(
        [1, 2, 3, 4, 5].map((n) => [`cifar-10-batches-bin/data_batch_${n}.bin`, 30_730_000]),
      ),
      'cifar-10-batches-bin/test_batch.bin': 30_730_000,
      'cifar-10-batches-bin/batches.meta.txt': null,
    },
  ),
  cifar100: cifar(
    [
      'cifar-100-binary.tar.gz',
      168513733,
      '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
    ],
    {
      'cifar-100-binary/train.bin': 153_700_000,
      'cifar-100-binary/test.bin': 30_740_000,
      'cifar-100-binary/fine_label_names.txt': null,
    },
  ),
  'tiny-imagenet': {
    base: 'http://cs231n.stanford.edu/',
    files: [
      known([
        'tiny-imagenet-200.zip',
        248100043,
        '6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821',
      ]),
    ],
    form: 'zip',
    most: { entries: 150_000, bytes: 1024 * MiB },
    finish: writeTinyImagenetLists,
    contents: {
      [`${tinyImagenetRoot}/wnids.txt`]: null,
      [listFiles.train]: null,
      [listFiles.validation]: null,
      [classesFile]: null,
    },
  },
} as const satisfies Record<string, KnownDataset>;

type Row = readonly [name: string, bytes: number, sha256: string];

function known([name, bytes, sha256]: Row): KnownFile {
  return { name, bytes, sha256 };
}

/** A dataset of IDX files. They hold no class names, so these are given. */
function idx(base: string, rows: readonly Row[], classes: readonly string[]): KnownDataset {
  return {
    base,
    files: rows.map(known),
    form: 'file',
    most: { entries: 0, bytes: 0 },
    finish: (folder) => writeFileSync(join(folder, classesFile), `${classes.join('\n')}\n`),
    contents: Object.fromEntries(rows),
  };
}

function cifar(row: Row, contents: KnownDataset['contents']): KnownDataset {
  const base = 'https://www.cs.toronto.edu/~kriz/';
  return { base, files: [known(row)], form: 'tar.gz', most: { entries: 50, bytes: 256 * MiB }, contents };
}
