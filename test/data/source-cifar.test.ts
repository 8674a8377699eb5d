import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openDataset } from '#lockstep/data/open.js';
import {
  dataFault,
  inFolder,
  labelsOf,
  namesOf,
  pixelsConfig,
  put,
  samplesOf,
  sourceOf,
} from '../support/data-helpers.js';

const cifar = suite('CIFAR binaries as a source');

const names = (count: number, word: string) =>
  `${Array.from({ length: count }, (_, i) => `${word} ${i}`).join('\n')}\n\n`;

/** The image of a record: red, green and blue planes that no two images share. */
const pixels = (seed: number) =>
  Uint8Array.from({ length: 3072 }, (_, i) => (i * 7 + (i >> 10) * 50 + seed * 31) & 255);

/** Records of label bytes and an image each. */
const records = (...labels: readonly number[][]) =>
  Buffer.concat(labels.map((own, i) => Buffer.concat([Uint8Array.from(own), pixels(i)])));

function putCifar10(dir: string): void {
  for (const n of [1, 2, 10]) put(dir, `data_batch_${n}.bin`, records([n % 10], [3], [9]));
  put(dir, 'test_batch.bin', records([5]));
  put(dir, 'batches.meta.txt', names(10, 'thing'));
}

cifar('CIFAR-10: batches in numerical order, the label, the pixels as they are', () =>
  inFolder(async (folder) => {
    const config = { ...pixelsConfig(folder, 32, 32), split: { seed: 1, validation: 0.2, test: 0.2 } };
    putCifar10(join(config.dir, 'cifar-10-batches-bin'));
    const source = await sourceOf(config.dir);
    assert.equal(namesOf(source, 'test'), ['test_batch.bin#0']);
    assert.equal(
      [...namesOf(source, 'train'), ...namesOf(source, 'validation')].length,
      9,
      'validation is split off train',
    );
    const data = await openDataset(config, { threads: 1 });
    assert.equal(data.classes[3], 'thing 3');
    assert.equal(labelsOf(data, 'test'), [5]);
    assert.equal(samplesOf(data, 'test')[0], pixels(0));
    const at = namesOf(source, 'train').indexOf('data_batch_10.bin#0');
    assert.equal(samplesOf(data, 'train')[at], pixels(0));
    assert.is(labelsOf(data, 'train')[at], 0);
    const order = namesOf(source, 'train').map((name) => Number(/_(\d+)\./.exec(name)![1]));
    assert.equal(
      order,
      order.toSorted((a, b) => a - b),
    );
  }),
);

cifar('CIFAR-100: fine labels, or coarse ones if asked', () =>
  inFolder(async (dir) => {
    put(dir, 'train.bin', records(...Array.from({ length: 30 }, (_, i) => [i % 2, 10 + (i % 2)])));
    put(dir, 'test.bin', records([19, 99]));
    put(dir, 'fine_label_names.txt', names(100, 'fine'));
    put(dir, 'coarse_label_names.txt', names(20, 'coarse'));
    const fine = await sourceOf(dir);
    assert.is(fine.notes[0], 'recognised as cifar100 (data.source)');
    assert.is(fine.classes[99], 'fine 99');
    assert.equal([...fine.splits.test.labels], [99]);
    assert.equal(fine.splits.test.bytesOf(0), {
      file: join(dir, 'test.bin'),
      part: { begin: 2, length: 3072 },
    });
    const coarse = await sourceOf(dir, { labels: 'coarse' });
    assert.equal([coarse.classes.length, ...coarse.splits.test.labels], [20, 19]);
  }),
);

cifar('a file cut short, a label out of range and a missing train are named', () =>
  inFolder(async (dir) => {
    putCifar10(dir);
    put(dir, 'data_batch_2.bin', records([1], [2]).subarray(0, 5000));
    assert.match(
      await dataFault(() => sourceOf(dir)),
      /data_batch_2\.bin: found 5,000 bytes, which are 1 record of 3073 and 1927 more/,
    );
    put(dir, 'data_batch_2.bin', records([1], [10]));
    assert.match(
      await dataFault(() => sourceOf(dir)),
      /data_batch_2\.bin#1 \(byte 3073\): the label is 10, expected 0 to 9 by batches\.meta\.txt/,
    );
    put(dir, 'data_batch_2.bin', '');
    assert.match(await dataFault(() => sourceOf(dir)), /data_batch_2\.bin: found 0 bytes/);
    assert.match(
      await dataFault(() => sourceOf(dir, { source: 'cifar100' })),
      /found no images, and none to train on; expected train\.bin/,
    );
  }),
);

cifar.run();
