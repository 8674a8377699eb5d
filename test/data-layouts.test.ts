import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DataConfig, SourceType } from '#lockstep/config/schema.js';
import { splitNames } from '#lockstep/data/dataset.js';
import { dataFault, inFolder, put, sourceOf } from './data-helpers.js';
import { tarOf } from './tar-helpers.js';

/** What people really have: how files lie in a folder, and what is made of it. */

interface Layout {
  /** Patterns of files, such as `train/{cat,dog}/{1..3}.jpg`: images, empty, since none is read. A `/` at the end makes a folder. */
  readonly images: readonly string[];
  /** Contents of other files. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly config?: Partial<DataConfig>;
  /** What it is recognised as, the images of train, validation and test, the classes, and what notes say, one after the other. */
  readonly is?: readonly [SourceType, readonly number[], string, ...RegExp[]];
  /** Or what is wrong. */
  readonly fault?: RegExp;
}

/** All that a pattern stands for: `{a,b}` each of these, `{1..9}` each number. */
function expand(pattern: string): string[] {
  const [whole, before, inside, after] = /^(.*?)\{([^}]*)\}(.*)$/s.exec(pattern) ?? [];
  if (whole === undefined) return [pattern];
  const [, first, last] = /^(\d+)\.\.(\d+)$/.exec(inside!) ?? [];
  const parts =
    first === undefined
      ? inside!.split(',')
      : Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => String(Number(first) + i));
  return parts.flatMap((part) => expand(`${before}${part}${after}`));
}

function putLayout(dir: string, { images, files = {} }: Layout): void {
  for (const name of images.flatMap(expand)) {
    if (name.endsWith('/')) mkdirSync(join(dir, name), { recursive: true });
    else {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      put(dir, name, '');
    }
  }
  for (const [name, content] of Object.entries(files)) put(dir, name, content);
}

const rows = (header: string, count: number, row: (i: number) => string) =>
  `${[header, ...Array.from({ length: count }, (_, i) => row(i + 1))].join('\n')}\n`;
const lines = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => `${line(i + 1)}\n`).join('');
const of = ['cat', 'dog'] as const;
const label = (i: number) => of[i % 2]!;

const shard = tarOf(
  ...Array.from({ length: 6 }, (_, i): [string, string][] => [
    [`${i}.jpg`, 'x'],
    [`${i}.cls`, String(i % 2)],
  ]).flat(),
);

/** As MNIST's: a header, then bytes. */
function idxFile(sizes: readonly number[], value: (i: number) => number): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  for (const [i, word] of [0x800 + sizes.length, ...sizes].entries()) header.writeUInt32BE(word, 4 * i);
  return Buffer.concat([
    header,
    Uint8Array.from({ length: sizes.reduce((a, b) => a * b) }, (_, i) => value(i)),
  ]);
}
const letters = (name: string, count: number) => ({
  [`${name}-images-idx3-ubyte`]: idxFile([count, 2, 2], () => 7),
  [`${name}-labels-idx1-ubyte`]: idxFile([count], (i) => 1 + (i % 3)),
});

const layouts: Readonly<Record<string, Readonly<Record<string, Layout>>>> = {
  'split names': {
    'Training/ and Testing/': {
      images: ['Training/{cat,dog}/{1..6}.jpg', 'Testing/{cat,dog}/{1..2}.jpg'],
      is: ['folders', [10, 2, 4], 'cat dog', /validation: 2 images split off/],
    },
    'training_set/ and test_set/, each in a folder of the same name': {
      images: [
        'training_set/training_set/{cats,dogs}/{1..6}.jpg',
        'test_set/test_set/{cats,dogs}/{1..2}.jpg',
      ],
      is: ['folders', [10, 2, 4], 'cats dogs'],
    },
    'seg_train/, seg_test/ and seg_pred/, as Intel has its scenes': {
      images: [
        'seg_train/seg_train/{sea,street}/{1..6}.jpg',
        'seg_test/seg_test/{sea,street}/{1..2}.jpg',
        'seg_pred/seg_pred/{1..7}.jpg',
      ],
      is: ['folders', [10, 2, 4], 'sea street', /not used: 7 images in seg_pred\//],
    },
    'asl_alphabet_train/ and asl_alphabet_test/ without labels': {
      images: [
        'asl_alphabet_train/asl_alphabet_train/{A,B}/{1..6}.jpg',
        'asl_alphabet_test/asl_alphabet_test/{A,B}_test.jpg',
      ],
      is: [
        'folders',
        [8, 2, 2],
        'A B',
        /asl_alphabet_test\/ is left out/,
        /not used: 2 images in asl_alphabet_test\//,
      ],
    },
    'train2017/ and val2017/': {
      images: ['train2017/{a,b}/{1..6}.jpg', 'val2017/{a,b}/{1..2}.jpg'],
      is: ['folders', [10, 4, 2], 'a b'],
    },
    'TRAIN/, Val/ and trainset-like names in any case': {
      images: ['TrainImages/{a,b}/{1..6}.jpg', 'ValImages/{a,b}/{1..2}.jpg', 'TestImages/{a,b}/{1..3}.jpg'],
      is: ['folders', [12, 4, 6], 'a b'],
    },
    'train/, dev/ and eval/: dev is validation, eval is test': {
      images: ['train/{a,b}/{1..6}.jpg', 'dev/{a,b}/{1..2}.jpg', 'eval/{a,b}/{1..3}.jpg'],
      is: ['folders', [12, 4, 6], 'a b', /eval is taken as test/],
    },
    'train/ and eval/: eval is validation': {
      images: ['train/{a,b}/{1..6}.jpg', 'eval/{a,b}/{1..3}.jpg'],
      is: ['folders', [10, 6, 2], 'a b', /eval is taken as validation/],
    },
    'train/, val/, test/ and eval/: eval is not used': {
      images: ['train/{a,b}/{1..6}.jpg', '{val,test,eval}/{a,b}/{1..3}.jpg'],
      is: ['folders', [12, 6, 6], 'a b', /not used: 6 images in eval\//],
    },
    'val/ beside dev/': {
      images: ['train/{a,b}/{1..6}.jpg', '{val,dev}/{a,b}/{1..3}.jpg'],
      fault: /dev and val are both validation; keep one of them/,
    },
    'train.txt and valid.txt': {
      images: ['all/{1..20}.jpg'],
      files: {
        'train.txt': lines(12, (i) => `all/${i}.jpg ${i % 2}`),
        'valid.txt': 'all/13.jpg 0\nall/14.jpg 1\n',
      },
      is: ['lists', [10, 2, 2], 'class 0 class 1', /not used: 6 images in all\//],
    },
    'train.txt, Val.txt and TEST.txt': {
      images: ['all/{1..16}.jpg'],
      files: {
        'train.txt': lines(12, (i) => `all/${i}.jpg ${i % 2}`),
        'Val.txt': 'all/13.jpg 0\n',
        'TEST.txt': 'all/14.jpg 1\nall/15.jpg 1\nall/16.jpg 1\n',
      },
      is: ['lists', [12, 1, 3], 'class 0 class 1'],
    },
    'two lists of train beside folders of classes': {
      images: ['{a,b}/{1..8}.jpg'],
      files: { 'train.txt': 'a/1.jpg 0\n', 'training.txt': 'b/1.jpg 1\n' },
      fault: /train\.txt and training\.txt are both train; keep one of them.*--source folders/,
    },
    'a list of no split beside lists': {
      images: ['all/{1..16}.jpg'],
      files: {
        'train.txt': lines(12, (i) => `all/${i}.jpg ${i % 2}`),
        'extra.txt': 'all/13.jpg 0\nall/14.jpg 1\nall/15.jpg 1\nall/16.jpg 1\n',
        'notes.txt': 'These were taken in May.\n',
      },
      is: ['lists', [8, 2, 2], 'class 0 class 1', /not used: 4 images in all\/, extra\.txt$/],
    },
    'train.csv, dev.csv and testing.csv': {
      images: ['all/{1..16}.jpg'],
      files: {
        'train.csv': rows('path,label', 12, (i) => `all/${i}.jpg,${label(i)}`),
        'dev.csv': 'path,label\nall/13.jpg,cat\n',
        'testing.csv': 'path,label\nall/14.jpg,cat\nall/15.jpg,dog\nall/16.jpg,dog\n',
      },
      is: ['csv', [12, 1, 3], 'cat dog'],
    },
    'a column of splits with dev and eval': {
      images: ['all/{1..16}.jpg'],
      files: {
        'all.csv': rows(
          'path,label,split',
          16,
          (i) => `all/${i}.jpg,${label(i)},${i < 13 ? 'Training' : i < 15 ? 'dev' : 'eval'}`,
        ),
      },
      is: ['csv', [12, 2, 2], 'cat dog'],
    },
    'shards of training and testing': {
      images: [],
      files: { 'training-000.tar': shard, 'training-001.tar': shard, 'testing-000.tar': shard },
      is: ['webdataset', [10, 2, 6], 'class 0 class 1'],
    },
    'shards in folders Training and dev': {
      images: [],
      files: { 'Training/0.tar': shard, 'dev/0.tar': shard, 'test/0.tar': shard },
      is: ['webdataset', [6, 6, 6], 'class 0 class 1'],
    },
    "EMNIST's names, and labels from 1": {
      images: [],
      files: { ...letters('emnist-letters-train', 30), ...letters('emnist-letters-test', 6) },
      is: [
        'idx',
        [27, 3, 6],
        'class 1 class 2 class 3',
        /labels of emnist-letters-train-labels-idx1-ubyte begin at 1/,
      ],
    },
    "two of EMNIST's datasets in one folder": {
      images: [],
      files: { ...letters('emnist-letters-train', 30), ...letters('emnist-digits-train', 6) },
      fault: /found files of 2 datasets \(emnist-digits-train-\.\.\., emnist-letters-train-\.\.\.\)/,
    },
  },

  'guards of classes': {
    'folders that all have the same folders': {
      images: ['A/{cat,dog}/{1..6}.jpg', 'B/{cat,dog}/{1..6}.jpg'],
      fault:
        /A\/, B\/ all have the same folders \(cat\/, dog\/\): they look like parts of a dataset.*--source folders/,
    },
    'splits below classes': {
      images: ['{cat,dog}/{train,test}/{1..6}.jpg'],
      fault:
        /all have the same folders \(test\/, train\/\): splits below classes; expected .* such as test\/cat/,
    },
    'splits in another language': {
      images: ['Trainingsdaten/{cat,dog}/{1..6}.jpg', 'Testdaten/{cat,dog}/{1..6}.jpg'],
      fault: /look like parts of a dataset.*name the parts train, val and test/,
    },
    'the same, where the user says that they are classes': {
      images: ['alice/{front,side}/{1..6}.jpg', 'bob/{front,side}/{1..6}.jpg'],
      config: { source: 'folders' },
      is: ['folders', [20, 2, 2], 'alice bob', /taken as classes all the same: alice\/, bob\/ all have/],
    },
    'parts of a dataset': {
      images: ['images_part_1/{1..6}.jpg', 'images_part_2/{7..12}.jpg'],
      fault: /have the names of parts of a dataset, not of classes/,
    },
    'images/ and masks/': {
      images: ['images/{1..6}.png', 'masks/{1..6}.png'],
      fault: /images\/, masks\/ look like the images and the masks of a segmentation set/,
    },
    'images/ and masks/ below splits': {
      images: ['{train,val}/{images,masks}/{1..6}.png'],
      fault: /segmentation set/,
    },
    'images and labels for a detector': {
      images: ['{train,valid,test}/images/{1..6}.jpg'],
      files: { 'train/labels/1.txt': '0 0.5 0.5 0.1 0.1', 'data.yaml': 'nc: 2' },
      fault: /images\/ have the names of parts of a dataset, not of classes/,
    },
    'a class that is called train': {
      images: ['{bus,car,train}/{1..10}.jpg'],
      is: [
        'folders',
        [24, 3, 3],
        'bus car train',
        /train\/ is taken as a class: it holds images, as bus\/, car\/ do/,
      ],
    },
    'classes valid and invalid': {
      images: ['{valid,invalid}/{1..10}.jpg'],
      is: ['folders', [16, 2, 2], 'invalid valid', /valid\/ is taken as a class/],
    },
    'a class train with folders in it': {
      images: ['{bus,car,train}/{red,blue}/{1..6}.jpg'],
      fault:
        /train\/ may be a split or a class, since images lie in bus\/, car\/ beside it.*--source folders/,
    },
    'a class train with folders in it, asked for': {
      images: ['bus/{red,blue}/{1..6}.jpg', 'car/{old,new}/{1..6}.jpg', 'train/{fast,slow}/{1..6}.jpg'],
      config: { source: 'folders' },
      is: ['folders', [30, 3, 3], 'bus car train', /images in 6 folders below those of classes/],
    },
    'classes train and test, asked for': {
      images: ['{train,test}/{1..10}.jpg'],
      config: { source: 'folders' },
      is: ['folders', [16, 2, 2], 'test train'],
    },
    'images in train/ and test/ without classes': {
      images: ['{train,test}/{1..10}.jpg'],
      fault: /images lie in train\/, test\/ and not in folders of classes below.*--source folders/,
    },
    'extra folders beside splits': {
      images: ['{train,test}/{a,b}/{1..10}.jpg', 'extra/{a,b}/{1..4}.jpg', 'unlabeled/{1..3}.jpg'],
      is: ['folders', [18, 2, 20], 'a b', /not used: 8 images in extra\/, 3 images in unlabeled\//],
    },
  },

  'containers and tables': {
    'train.csv(image_id,label) with train_images/ and test_images/': {
      images: ['train_images/{1..12}.jpg', 'test_images/{1..5}.jpg'],
      files: {
        'train.csv': rows('image_id,label', 12, (i) => `${i},${i % 2}`),
        'sample_submission.csv': rows('image_id,label', 5, (i) => `${i},0`),
      },
      is: [
        'csv',
        [8, 2, 2],
        'class 0 class 1',
        /train\.csv: images by the column "image_id", searched for in all folders, labels by "label"/,
        /not used: 5 images in test_images\/, sample_submission\.csv/,
      ],
    },
    'a metadata csv beside images_part_1/ and images_part_2/': {
      images: ['images_part_1/ISIC_{1..6}.jpg', 'images_part_2/ISIC_{7..12}.jpg'],
      files: {
        'HAM_metadata.csv': rows(
          'lesion_id,image_id,dx,age',
          12,
          (i) => `L${i},ISIC_${i},${i % 2 ? 'nv' : 'mel'},40`,
        ),
      },
      is: ['csv', [8, 2, 2], 'mel nv', /images by the column "image_id".*labels by "dx"/],
    },
    'the same with a column of labels that has no usual name': {
      images: ['images_part_1/ISIC_{1..6}.jpg', 'images_part_2/ISIC_{7..12}.jpg'],
      files: { 'meta.csv': rows('image_id,finding', 12, (i) => `ISIC_${i},${label(i)}`) },
      fault:
        /meta\.csv:1: nothing says which column is the label: found image_id, finding\. Name it in data\.csv\.label/,
    },
    'and with that column named': {
      images: ['images_part_1/ISIC_{1..6}.jpg', 'images_part_2/ISIC_{7..12}.jpg'],
      files: { 'meta.csv': rows('image_id,finding', 12, (i) => `ISIC_${i},${label(i)}`) },
      config: { csv: { label: 'finding' } },
      is: ['csv', [8, 2, 2], 'cat dog'],
    },
    'path;label with images in two folders': {
      images: ['a/{1..6}.jpg', 'b/{7..12}.jpg'],
      files: { 'labels.csv': rows('path;label', 12, (i) => `${i < 7 ? 'a' : 'b'}/${i}.jpg;${label(i)}`) },
      is: ['csv', [8, 2, 2], 'cat dog'],
    },
    'Path,Label with images in two folders': {
      images: ['a/{1..6}.jpg', 'b/{7..12}.jpg'],
      files: { 'Labels.CSV': rows('Path,Label', 12, (i) => `${i < 7 ? 'a' : 'b'}/${i}.jpg,${label(i)}`) },
      is: ['csv', [8, 2, 2], 'cat dog'],
    },
    'a tsv of file names with tabs': {
      images: ['photos/{1..12}.jpg'],
      files: { 'labels.tsv': rows('filename\tclass', 12, (i) => `${i}.jpg\t${label(i)}`) },
      is: ['csv', [8, 2, 2], 'cat dog', /images by the column "filename"/],
    },
    'a column of paths without a usual name': {
      images: ['photos/{1..12}.jpg'],
      files: { 'x.csv': rows('wo,class', 12, (i) => `photos/${i}.jpg,${label(i)}`) },
      is: ['csv', [8, 2, 2], 'cat dog', /images by the column "wo"/],
    },
    'paths as on another machine': {
      images: ['images/{a,b}/{1..6}.jpg'],
      files: {
        'x.csv': rows(
          'filepath,species',
          12,
          (i) => `C:\\data\\images\\${i < 7 ? 'a' : 'b'}\\${((i - 1) % 6) + 1}.jpg,${label(i)}`,
        ),
      },
      is: ['csv', [8, 2, 2], 'cat dog'],
    },
    'ids that several folders have: that of the split': {
      images: ['train/{1..12}.jpg', 'test/{1..5}.jpg'],
      files: {
        'train.csv': rows('id,label', 12, (i) => `${i},${label(i)}`),
        'test.csv': rows('id', 5, String),
      },
      is: [
        'csv',
        [8, 2, 2],
        'cat dog',
        /test\.csv is left out: it has no column of labels/,
        /not used: 5 images in test\//,
      ],
    },
    'ids that several folders have, and nothing says which': {
      images: ['left/{1..12}.jpg', 'right/{1..12}.jpg'],
      files: { 'labels.csv': rows('id,label', 12, (i) => `${i},${label(i)}`) },
      fault: /labels\.csv:2: "1" may be left\/1\.jpg or right\/1\.jpg; expected a path/,
    },
    'a csv about something else beside folders of classes': {
      images: ['{cat,dog}/{1..10}.jpg'],
      files: { 'results.csv': 'epoch,loss\n1,2\n', 'countries.csv': 'id,label\nFR,France\nDE,Germany\n' },
      is: ['folders', [16, 2, 2], 'cat dog', /not used: countries\.csv, results\.csv/],
    },
    'boxes of objects': {
      images: ['{train,valid}/{1..6}.jpg'],
      files: {
        'train/_annotations.csv': rows(
          'filename,width,height,class,xmin,ymin,xmax,ymax',
          6,
          (i) => `${i}.jpg,8,8,${label(i)},1,1,2,2`,
        ),
      },
      fault: /train\/_annotations\.csv:1: .*boxes of objects in images/,
    },
    'a csv in the folder of each split': {
      images: ['train/{1..12}.jpg', 'test/{1..4}.jpg'],
      files: {
        'train/labels.csv': rows('filename,label', 12, (i) => `${i}.jpg,${label(i)}`),
        'test/labels.csv': rows('filename,label', 4, (i) => `${i}.jpg,${label(i)}`),
      },
      is: ['csv', [10, 2, 4], 'cat dog'],
    },
    'a column for each class': {
      images: ['images/Train_{0..9}.jpg'],
      files: { 'train.csv': rows('image_id,healthy,rust', 9, (i) => `Train_${i},${i % 2},${1 - (i % 2)}`) },
      fault: /train\.csv:1: nothing says which column is the label: found image_id, healthy, rust/,
    },
    "traffic signs: Train.csv and Test.csv with boxes' corners, ClassId and Path": {
      images: ['Train/{0,1}/{1..6}.png', 'Test/{1..4}.png', 'Meta/{0,1}.png'],
      files: {
        'Train.csv': rows(
          'Width,Roi.X1,ClassId,Path',
          12,
          (i) => `8,1,${i < 7 ? 0 : 1},Train/${i < 7 ? 0 : 1}/${((i - 1) % 6) + 1}.png`,
        ),
        'Test.csv': rows('Width,Roi.X1,ClassId,Path', 4, (i) => `8,1,${i % 2},Test/${i}.png`),
        'Meta.csv': rows('Path,ClassId,ShapeId', 2, (i) => `Meta/${i - 1}.png,${i - 1},1`),
      },
      is: ['csv', [10, 2, 4], 'class 0 class 1', /not used: 2 images in Meta\/, Meta\.csv/],
    },
  },

  'stray files': {
    'train-0.tar.md5 and .tar.idx beside shards': {
      images: [],
      files: { 'train-0.tar': shard, 'test-0.tar': shard, 'train-0.tar.md5': 'x', 'train-0.tar.idx': 'x' },
      is: ['webdataset', [4, 2, 6], 'class 0 class 1'],
    },
    'train/train.tar.gz left over beside folders of classes': {
      images: ['train/{a,b}/{1..10}.jpg'],
      files: { 'train/train.tar.gz': 'x' },
      is: ['folders', [16, 2, 2], 'a b', /not used: train\/train\.tar\.gz/],
    },
    'a test.txt of notes beside folders of classes': {
      images: ['{a,b}/{1..10}.jpg'],
      files: { 'test.txt': 'Tested on Monday.\nAll were fine.\n' },
      is: ['folders', [16, 2, 2], 'a b'],
    },
    'a train.txt of paths alone beside folders of classes': {
      images: ['{a,b}/{1..10}.jpg'],
      files: { 'train.txt': lines(10, (i) => `a/${i}.jpg`) },
      is: ['folders', [16, 2, 2], 'a b', /not used: train\.txt/],
    },
    'lists of paths alone that would be mixed': {
      images: ['{a,b}/{1..10}.jpg'],
      files: { 'train.txt': lines(10, (i) => `a/${i}.jpg`), 'test.txt': lines(10, (i) => `b/${i}.jpg`) },
      fault: /train\.txt and test\.txt list images without labels.*--source folders/,
    },
    'classes far down': {
      images: ['archive/v2/data/final/{a,b}/{1..10}.jpg'],
      is: ['folders', [16, 2, 2], 'a b', /the dataset lies in archive\/v2\/data\/final\//],
    },
    'images far below their classes': {
      images: ['{a,b}/2024/05/raw/{1..10}.jpg'],
      is: ['folders', [16, 2, 2], 'a b', /images in 2 folders below those of classes, such as a\/2024/],
    },
    'what nearly fits is named': {
      images: ['{train,test}/{1..10}.jpg'],
      files: { 'train.txt': 'nothing here\n', 'test.tar.gz': 'x', 'ids.csv': 'a,b\n1,2\n' },
      fault:
        /Nearly fits.*\n {2}lists: train\.txt has no lines.*\n {2}csv: ids\.csv has the columns a, b.*\n {2}webdataset: test\.tar\.gz: is compressed.*\n {2}folders: images lie in/,
    },
    'an empty test/': {
      images: ['train/{a,b}/{1..10}.jpg', 'test/'],
      is: ['folders', [16, 2, 2], 'a b', /test\/ is left out: there is no image in it/],
    },
    'a test/ without labels': {
      images: ['train/{a,b}/{1..10}.jpg', 'test/{1..7}.jpg'],
      is: [
        'folders',
        [16, 2, 2],
        'a b',
        /test\/ is left out: its images lie in no folder of a class/,
        /not used: 7 images in test\//,
      ],
    },
    'a test/ with one folder of unknown images': {
      images: ['train/{a,b}/{1..10}.jpg', 'test/unknown/{1..7}.jpg'],
      is: [
        'folders',
        [16, 2, 2],
        'a b',
        /test is left out: its folders, such as test\/unknown, are none of train's/,
        /7 images in test/,
      ],
    },
    'thumbnails of a storage device, and what macOS packs': {
      images: [
        '{a,b}/{1..10}.jpg',
        '@eaDir/{1..3}.jpg/THUMB_M.jpg',
        'a/@eaDir/{1..3}.jpg/THUMB_M.jpg',
        '__MACOSX/{a,b}/{1..3}.jpg',
        '.thumbnails/{1..3}.png',
      ],
      files: { 'a/Thumbs.db': 'x' },
      is: ['folders', [16, 2, 2], 'a b', /ignored: 2 files \(made by the system\)/],
    },
  },

  'other layouts': {
    'a zip with a folder of its own, README and LICENSE': {
      images: ['flowers/{rose,tulip}/{1..10}.jpg'],
      files: { 'README.md': 'x', LICENSE: 'x' },
      is: ['folders', [16, 2, 2], 'rose tulip', /the dataset lies in flowers\//],
    },
    'images/train/CLASS and images/val/CLASS': {
      images: ['images/train/{a,b}/{1..10}.jpg', 'images/val/{a,b}/{1..2}.jpg'],
      is: ['folders', [18, 4, 2], 'a b', /the dataset lies in images\//],
    },
    'Images/CLASS beside Annotation/CLASS, as Stanford has its dogs': {
      images: ['Images/n{1,2}/{1..10}.jpg'],
      files: { 'Annotation/n1/1': '<xml>', 'Annotation/n2/1': '<xml>' },
      is: ['folders', [16, 2, 2], 'n1 n2', /the dataset lies in Images\//],
    },
    'digits, as MNIST is often unpacked': {
      images: ['training/{0..10}/{1..10}.png', 'testing/{0..10}/{1..2}.png'],
      is: ['folders', [99, 11, 22], '0 1 2 3 4 5 6 7 8 9 10'],
    },
    'Chinese names': {
      images: ['训练/{猫,狗}/{1..10}.jpg'],
      is: ['folders', [16, 2, 2], '狗 猫', /the dataset lies in 训练\//],
    },
    "ImageNet's": {
      images: [
        'ILSVRC/Data/CLS-LOC/train/n{1,2}/{1..10}.JPEG',
        'ILSVRC/Data/CLS-LOC/val/ILSVRC_val_{1..5}.JPEG',
      ],
      is: ['folders', [16, 2, 2], 'n1 n2', /val\/ is left out/, /not used: 5 images in ILSVRC\//],
    },
    "Tiny ImageNet's, as it is unpacked": {
      images: [
        'tiny/train/n{1,2}/images/{1..10}.JPEG',
        'tiny/val/images/{1..4}.JPEG',
        'tiny/test/images/{1..4}.JPEG',
      ],
      files: { 'tiny/wnids.txt': 'n1\nn2\n' },
      is: [
        'folders',
        [16, 2, 2],
        'n1 n2',
        /left out: its folders, such as tiny\/val\/images|left out/,
        /8 images in tiny/,
      ],
    },
    "Food-101's": {
      images: ['images/{pie,soup}/{1..10}.jpg'],
      files: {
        'meta/train.txt': 'pie/1\nsoup/1\n',
        'meta/test.txt': 'pie/2\n',
        'meta/classes.txt': 'pie\nsoup\n',
      },
      fault:
        /meta\/test\.txt and meta\/train\.txt say which images are of which split.*"images\/pie\/2\.jpg pie".*--source folders/,
    },
    "Food-101's, with --source folders": {
      images: ['images/{pie,soup}/{1..10}.jpg'],
      files: {
        'meta/train.txt': 'pie/1\nsoup/1\n',
        'meta/test.txt': 'pie/2\n',
        'meta/train.json': '{"pie": ["pie/1"]}',
      },
      config: { source: 'folders' },
      is: [
        'folders',
        [16, 2, 2],
        'pie soup',
        /not used: meta\/test\.txt, meta\/train\.json, meta\/train\.txt/,
      ],
    },
    'splits/train.txt, with labels, two folders down': {
      images: ['set/images/{a,b}/{1..10}.jpg'],
      files: { 'set/meta/splits/train.txt': 'a/1.jpg 0\n', 'set/meta/splits/test.txt': 'b/2.jpg 1\n' },
      fault: /meta\/splits\/test\.txt and set\/meta\/splits\/train\.txt say.*"set\/images\/b\/2\.jpg b"/,
    },
    'csv files of splits in a folder': {
      images: ['images/{a,b}/{1..10}.jpg'],
      files: {
        'annotations/train.csv': 'file,kind\na/1.jpg,7\n',
        'annotations/test.csv': 'file,kind\nb/2.jpg,8\n',
      },
      fault: /annotations\/test\.csv and annotations\/train\.csv say/,
    },
    'tsv files of splits, and one list alone, are named': {
      images: ['train/{a,b}/{1..10}.jpg', 'test/{a,b}/{1..2}.jpg'],
      files: {
        'meta/lists/train.tsv': 'file\tn\na/1.jpg\t7\n',
        'meta/val_list.txt': 'train/a/1.jpg 0\n',
        'train_test_split.txt': '1 0\n2 1\n',
        'notes/test.txt': 'all is well\n',
      },
      is: [
        'folders',
        [18, 2, 4],
        'a b',
        /not used: meta\/lists\/train\.tsv, meta\/val_list\.txt, train_test_split\.txt$/,
      ],
    },
    "Pascal VOC's, whose images are of no class": {
      images: [
        'VOC2012/JPEGImages/{1..9}.jpg',
        'VOC2012/SegmentationClass/{1..3}.png',
        'VOC2012/SegmentationObject/{1..3}.png',
      ],
      files: { 'VOC2012/ImageSets/Main/train.txt': '1\n2\n', 'VOC2012/ImageSets/Main/val.txt': '3\n' },
      fault: /SegmentationClass\/.*the images and the masks of a segmentation set/,
    },
    'lists of names of files': {
      images: ['{left,right}/{1..10}.jpg'],
      files: { 'ImageSets/Main/train.txt': '1\n2\n', 'ImageSets/Main/val.txt': '3\n' },
      fault: /Main\/train\.txt and ImageSets\/Main\/val\.txt say .*"left\/1\.jpg left"/,
    },
    "Caltech-101's": {
      images: ['101_ObjectCategories/{ant,crab}/{1..10}.jpg'],
      files: { 'Annotations/ant/annotation_1.mat': 'x', 'Annotations/show_annotation.m': 'x' },
      is: ['folders', [16, 2, 2], 'ant crab', /the dataset lies in 101_ObjectCategories\//],
    },
    'lists in a folder of the archive': {
      images: ['set/all/{1..12}.jpg'],
      files: { 'set/train.txt': lines(12, (i) => `all/${i}.jpg ${i % 2}`), 'README.md': 'x' },
      is: ['lists', [8, 2, 2], 'class 0 class 1', /the dataset lies in set\//],
    },
    'classes.txt and README.md beside': {
      images: ['{train,valid,test}/{a,b}/{1..3}.jpg'],
      files: { 'classes.txt': 'b\na\n', 'README.md': 'x', 'README.roboflow.txt': 'https://x.org/a.jpg\n' },
      is: ['folders', [6, 6, 6], 'b a'],
    },
    'labels.csv beside train/ alone, as dog breeds are': {
      images: ['train/a{1..12}.jpg', 'test/b{1..4}.jpg'],
      files: {
        'labels.csv': rows('id,breed', 12, (i) => `a${i},${label(i)}`),
        'sample_submission.csv': rows('id,cat,dog', 4, (i) => `b${i},0,0`),
      },
      is: [
        'csv',
        [8, 2, 2],
        'cat dog',
        /labels by "breed"/,
        /not used: 4 images in test\/, sample_submission\.csv/,
      ],
    },
    "a contest's train/ with classes in names, and what it wants to be handed in": {
      images: ['train/{cat,dog}.{1..9}.jpg', 'test1/{1..5}.jpg'],
      files: { 'sampleSubmission.csv': rows('id,label', 5, (i) => `${i},0`) },
      fault: /folders: images lie in train\/, test1\/ and not in folders of classes below/,
    },
    'lists of the same split, numbered': {
      images: ['{a,b}/{1..8}.jpg'],
      files: {
        'trainlist01.txt': 'a/1.jpg 1\n',
        'trainlist02.txt': 'a/2.jpg 1\n',
        'testlist01.txt': 'a/3.jpg\n',
      },
      fault: /trainlist01\.txt and trainlist02\.txt are both train; keep one of them/,
    },
    'images for a detector in a folder of the archive': {
      images: ['dataset/images/{train,val}/{1..5}.jpg'],
      files: { 'dataset/labels/train/1.txt': '0 0.5 0.5 0.1 0.1' },
      fault:
        /folders: in dataset\/, in images\/, images lie in train\/, val\/ and not in folders of classes below/,
    },
    'a csv without a header': {
      images: ['images/{1..12}.jpg'],
      files: { 'labels.csv': lines(12, (i) => `images/${i}.jpg,${label(i)}`) },
      fault: /labels\.csv:1: .*no header/,
    },
    'a csv with class numbers beside names': {
      images: ['train/{x,y}/{1..6}.jpg', 'test/{x,y}/{1..2}.jpg'],
      files: {
        'birds.csv': [
          'class id,filepaths,labels,data set',
          ...expand('0,train/x/{1..6}.jpg,X,train'),
          ...expand('1,train/y/{1..6}.jpg,Y,train'),
          ...expand('0,test/x/{1..2}.jpg,X,test'),
          ...expand('1,test/y/{1..2}.jpg,Y,test'),
          '',
        ].join('\n'),
      },
      is: [
        'csv',
        [10, 2, 4],
        'X Y',
        /images by the column "filepaths", labels by "labels", splits by "data set"/,
      ],
    },
    'animals in folders of kinds': {
      images: ['birds/{owl,tit}/{1..6}.jpg', 'mammals/{cat,dog}/{1..6}.jpg'],
      is: [
        'folders',
        [20, 2, 2],
        'birds mammals',
        /images in 4 folders below those of classes, such as birds\/owl/,
      ],
    },
    'images alone, without anything that says what they show': {
      images: ['{1..12}.jpg'],
      fault: /which is no dataset/,
    },
  },
};

for (const [kind, own] of Object.entries(layouts)) {
  const tests = suite(`layouts: ${kind}`);
  for (const [name, layout] of Object.entries(own)) {
    tests(name, () =>
      inFolder(async (folder) => {
        const dir = join(folder, 'set');
        mkdirSync(dir);
        putLayout(dir, layout);
        const config = { cache: join(folder, 'cache'), ...layout.config };
        if (layout.fault !== undefined) {
          assert.match(await dataFault(() => sourceOf(dir, config)), new RegExp(layout.fault, 's'));
          return;
        }
        const [form, counts, classes, ...says] = layout.is!;
        const source = await sourceOf(dir, config);
        if (config.source === undefined) assert.is(source.notes[0], `recognised as ${form} (data.source)`);
        assert.is(source.classes.join(' '), classes);
        assert.equal(
          splitNames.map((split) => source.splits[split].labels.length),
          counts,
          source.notes.join('\n'),
        );
        for (const note of says)
          assert.ok(
            source.notes.some((each) => note.test(each)),
            `${note}\n${source.notes.join('\n')}`,
          );
      }),
    );
  }
  tests.run();
}
