import { label, rows, testLayouts } from '../support/layout-helpers.js';

/** Tables of labels as people have them, and what is made of them. */

testLayouts('containers and tables', {
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
});
