import { join } from 'node:path';
import { create, Header } from 'tar';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openDataset } from '#lockstep/data/open.js';
import {
  dataFault,
  inFolder,
  labelsOf,
  namesOf,
  pixelsConfig,
  plain,
  put,
  samplesOf,
  sourceOf,
} from '../support/data-helpers.js';
import { tarOf } from '../support/tar-helpers.js';

const webdataset = suite('WebDataset shards as a source');

type Files = Readonly<Record<string, string | Uint8Array>>;

/** A shard, by the tar package. */
function putShard(dir: string, name: string, files: Files): string {
  const loose = join(dir, '..', `loose-${name.replaceAll('/', '-')}`);
  for (const [file, bytes] of Object.entries(files)) put(loose, file, bytes);
  const path = put(dir, name, '');
  create({ file: path, cwd: loose, sync: true, portable: true }, Object.keys(files));
  return path;
}

const color = (value: number) =>
  plain([value, 255 - value, 3], 8, 8)
    .png()
    .toBuffer();

webdataset(
  'shards by split become samples with their pixels, names of classes, and no file is unpacked',
  () =>
    inFolder(async (folder) => {
      const config = pixelsConfig(folder);
      putShard(config.dir, 'train-000001.tar', { '3.png': await color(30), '3.cls': 'dog', '3.json': '{}' });
      putShard(config.dir, 'train-000000.tar', {
        '1.cls': 'dog\n',
        '1.png': await color(10),
        'sub/2.cls': 'cat',
        'sub/2.seg.png': await color(99),
        'sub/2.PNG': await color(20),
      });
      putShard(config.dir, 'val-000000.tar', {
        'a.txt': 'cat',
        'a.webp': await plain([9, 9, 9]).webp({ lossless: true }).toBuffer(),
      });
      putShard(config.dir, 'test.tar', { 'a.png': await color(40), 'a.txt': 'a caption', 'a.cls': 'dog' });
      const data = await openDataset(config, { threads: 2 });
      assert.equal(data.classes, ['cat', 'dog']);
      assert.equal(labelsOf(data, 'train'), [1, 0, 1]);
      assert.equal(labelsOf(data, 'test'), [1]);
      samplesOf(data, 'train').forEach((sample, i) => {
        const value = 10 * (i + 1);
        assert.equal(
          [...sample],
          [value, 255 - value, 3].flatMap((x) => Array(16).fill(x)),
        );
      });
      assert.equal([...new Set(samplesOf(data, 'validation')[0])], [9]);
      const source = await sourceOf(config.dir);
      assert.is(namesOf(source, 'train')[1], 'train-000000.tar/sub/2.PNG');
      assert.ok(source.notes.includes('ignored: 1 file (.png), 1 file (.json)'));
    }),
);

webdataset('shards may lie in folders of splits, or have no split in their names', () =>
  inFolder(async (folder) => {
    const dir = join(folder, 'folders');
    putShard(dir, 'train/00.tar', { 'a.jpg': 'x', 'a.cls': '0', 'b.jpg': 'y', 'b.cls': '1' });
    putShard(dir, 'validation/00.tar', { 'a.jpg': 'x', 'a.cls': '1' });
    putShard(dir, 'test/00.tar', { 'a.jpg': 'x', 'a.cls': '0' });
    assert.equal(namesOf(await sourceOf(dir), 'train'), ['train/00.tar/a.jpg', 'train/00.tar/b.jpg']);
    const plain = join(folder, 'plain');
    const many = Array.from({ length: 20 }, (_, i) => [
      [`${i}.jpg`, 'x'],
      [`${i}.cls`, String(i % 2)],
    ]).flat();
    putShard(plain, 'shard-0.tar', Object.fromEntries(many));
    const source = await sourceOf(plain);
    assert.equal([source.splits.train.labels.length, source.splits.test.labels.length], [16, 2]);
    putShard(plain, 'shard-test-0.tar', { 'a.jpg': 'x', 'a.cls': '0' });
    assert.match(
      await dataFault(() => sourceOf(plain)),
      /shard-0\.tar has no split in its name, as other shards have/,
    );
  }),
);

webdataset('long names are read, as pax and as GNU tar write them', () =>
  inFolder(async (dir) => {
    const long = `${'d/'.repeat(40)}${'long-'.repeat(40)}`;
    const umlaut = 'schön/äpfel';
    putShard(dir, 'train-0.tar', {
      [`${long}1.jpg`]: 'pax',
      [`${long}1.cls`]: '0',
      [`${umlaut}.jpg`]: 'u',
      [`${umlaut}.cls`]: '0',
    });
    const gnu = tarOf(
      ['././@LongLink', `${long}2.jpg\0`, 'NextFileHasLongPath'],
      [`${long}2.jpg`.slice(0, 99), 'gnu'],
      ['././@LongLink', `${long}2.cls\0`, 'NextFileHasLongPath'],
      [`${long}2.cls`.slice(0, 99), '1'],
    );
    put(dir, 'train-1.tar', gnu);
    for (const split of ['val', 'test']) put(dir, `${split}.tar`, tarOf(['a.jpg', 'x'], ['a.cls', '1']));
    const source = await sourceOf(dir);
    assert.equal(namesOf(source, 'train'), [
      `train-0.tar/${long}1.jpg`,
      `train-0.tar/${umlaut}.jpg`,
      `train-1.tar/${long}2.jpg`,
    ]);
    assert.equal([...source.splits.train.labels], [0, 0, 1]);
    assert.equal(source.splits.train.bytesOf(2).part, { begin: 512 + 512 + 512, length: 3 });
  }),
);

const image = Buffer.alloc(1000, 7);
const whole = tarOf(['a.jpg', image], ['a.cls', '0'], ['b.jpg', image], ['b.cls', '1']);
const damaged = Buffer.from(whole);
damaged[1536 + 120] = 0x39;
const huge = tarOf(['a.cls', '0'], ['a.jpg', image]);
new Header({ path: 'a.jpg', size: 2 ** 40, type: 'File' }).encode(huge, 1024);

const faults: [what: string, tar: Uint8Array, says: RegExp][] = [
  [
    'cut in an image',
    whole.subarray(0, 4000),
    /train\.tar: at byte 2560: "b\.jpg" has 1000 bytes, but the file ends after 928/,
  ],
  [
    'cut between entries',
    whole.subarray(0, 2560),
    /train\.tar: at byte 2560: the file ends without the blocks of zeros/,
  ],
  ['cut in a header', whole.subarray(0, 2560 + 100), /train\.tar: at byte 2560: the file ends/],
  ['empty', new Uint8Array(0), /train\.tar: at byte 0: the file ends/],
  ['a damaged header', damaged, /train\.tar: at byte 1536: no tar header: its checksum/],
  ['no tar', Buffer.alloc(2000, 'no tar'), /train\.tar: at byte 0: no tar header/],
  [
    'a size that lies',
    huge,
    /train\.tar: at byte 1024: "a\.jpg" has 1099511627776 bytes, but the file ends after/,
  ],
  [
    'no label',
    tarOf(['a.jpg', image], ['b.cls', '0']),
    /train\.tar\/a\.jpg: found no label beside it, expected a\.cls\n.*train\.tar\/b\.cls: found no image.*\nFiles of one key must be neighbours/,
  ],
  [
    'an empty label',
    tarOf(['a.jpg', image], ['a.cls', ' \n']),
    /train\.tar\/a\.cls: expected a label, a number or a name/,
  ],
  [
    'a huge label',
    tarOf(['a.jpg', image], ['a.cls', 'x'.repeat(5000)]),
    /train\.tar\/a\.cls: expected a label/,
  ],
  [
    'two images',
    tarOf(['a.jpg', image], ['a.png', image], ['a.cls', '0']),
    /a\.png: a second image of this key, after a\.jpg/,
  ],
  [
    'an image that is a link',
    tarOf(['a.jpg', '', 'SymbolicLink'], ['a.cls', '0']),
    /"a\.jpg" is a SymbolicLink; expected plain files/,
  ],
  ['nothing of use', tarOf(['README.md', 'hello']), /train\.tar: no key\.jpg with a key\.cls in it/],
  [
    'a label that is none of many',
    tarOf(['a.jpg', image], ['a.cls', '0'], ['b.jpg', image], ['b.cls', 'x']),
    /b\.jpg: the label is "x"/,
  ],
];

for (const [what, tar, says] of faults) {
  webdataset(`${what} is an error that names shard and place`, () =>
    inFolder(async (dir) => {
      put(dir, 'train.tar', tar);
      assert.match(await dataFault(() => sourceOf(dir)), says);
    }),
  );
}

webdataset('for a compressed shard, the error asks to unzip it', () =>
  inFolder(async (dir) => {
    put(dir, 'train-0.tar.gz', 'x');
    assert.match(await dataFault(() => sourceOf(dir)), /train-0\.tar\.gz: is compressed/);
  }),
);

webdataset.run();
