import { expand, label, lines, rows, shard, testLayouts } from '../support/layout-helpers.js';

/** Files that lie beside a dataset, and other ways in which people keep one. */

testLayouts('stray files', {
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
  'train.tar left over beside folders of classes': {
    images: ['train/{a,b}/{1..10}.jpg'],
    files: { 'train.tar': shard },
    is: ['folders', [16, 2, 2], 'a b', /not used: train\.tar/],
  },
  'a csv file with a row too short beside folders of classes': {
    images: ['{a,b}/{1..10}.jpg'],
    files: { 'labels.csv': 'path,label\na/1.jpg,cat\nb/1.jpg\n' },
    fault: /labels\.csv:3: found 1 columns.*It was read as csv, and fits folders too: --source folders/,
  },
  'a table without images, a folder down': {
    images: ['train/{a,b}/{1..10}.jpg'],
    files: { 'meta/growth.tsv': 'day\tcm\n1\t2\n' },
    is: ['folders', [16, 2, 2], 'a b', /not used: meta\/growth\.tsv/],
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
});

testLayouts('other layouts', {
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
    is: ['folders', [16, 2, 2], 'pie soup', /not used: meta\/test\.txt, meta\/train\.json, meta\/train\.txt/],
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
  'labels in a form that is not read': {
    images: ['{left,right}/{1..10}.jpg'],
    files: { 'labels.json': '{}', 'annotations.xlsx': 'PK' },
    is: ['folders', [16, 2, 2], 'left right', /not used: annotations\.xlsx, labels\.json$/],
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
});
