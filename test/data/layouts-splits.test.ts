import { label, letters, lines, rows, shard, testLayouts } from '../support/layout-helpers.js';

/** How people name splits and classes, and what is made of it. */

testLayouts('split names', {
  'Training/ and Testing/': {
    images: ['Training/{cat,dog}/{1..6}.jpg', 'Testing/{cat,dog}/{1..2}.jpg'],
    is: ['folders', [10, 2, 4], 'cat dog', /validation: 2 images split off/],
  },
  'training_set/ and test_set/, each in a folder of the same name': {
    images: ['training_set/training_set/{cats,dogs}/{1..6}.jpg', 'test_set/test_set/{cats,dogs}/{1..2}.jpg'],
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
  'trn/, validation/ and tst/': {
    images: ['trn/{a,b}/{1..6}.jpg', 'validation/{a,b}/{1..2}.jpg', 'tst/{a,b}/{1..3}.jpg'],
    is: ['folders', [12, 4, 6], 'a b'],
  },
  'trainset/ and test_pictures_2019/: words that say nothing are left aside': {
    images: ['trainset/{a,b}/{1..6}.jpg', 'test_pictures_2019/{a,b}/{1..3}.jpg'],
    is: ['folders', [10, 2, 6], 'a b'],
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
});

testLayouts('guards of classes', {
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
  'original/ and GT/': {
    images: ['original/{1..6}.png', 'GT/{1..6}.png'],
    fault: /original\/.*the images and the masks of a segmentation set/,
  },
  'photos/ and labels/': {
    images: ['photos/{1..6}.png', 'labels/{1..6}.png'],
    fault: /the images and the masks of a segmentation set/,
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
    fault: /train\/ may be a split or a class, since images lie in bus\/, car\/ beside it.*--source folders/,
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
  'steam train, a class: no other folder is steam test': {
    images: ['steam_train/{old,new}/{1..6}.jpg', 'bus/{red,blue}/{1..6}.jpg', 'car/{big,small}/{1..6}.jpg'],
    is: ['folders', [30, 3, 3], 'bus car steam_train', /images in 6 folders below those of classes/],
  },
  'extra folders beside train alone': {
    images: ['train/{a,b}/{1..10}.jpg', 'extra/{a,b}/{1..4}.jpg', 'predictions/{1..3}.jpg'],
    is: ['folders', [16, 2, 2], 'a b', /not used: 8 images in extra\/, 3 images in predictions\//],
  },
  'extra folders beside splits': {
    images: ['{train,test}/{a,b}/{1..10}.jpg', 'extra/{a,b}/{1..4}.jpg', 'unlabeled/{1..3}.jpg'],
    is: ['folders', [18, 2, 20], 'a b', /not used: 8 images in extra\/, 3 images in unlabeled\//],
  },
});
