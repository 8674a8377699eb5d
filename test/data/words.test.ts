import { closeSync, openSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SourceType } from '#lockstep/config/schema.js';
import { openDataset } from '#lockstep/data/open.js';
import { forEachLine } from '#lockstep/data/sources/lines.js';
import { dataFault, inFolder, pixelsConfig, plain, put, sourceOf } from '../support/data-helpers.js';
import { tarOf } from '../support/tar-helpers.js';

/** What a dataset's faults are called. */
const words = suite('words about datasets');

words('text files are read line by line, whatever the pieces that they come in', () =>
  inFolder((folder) => {
    const lines = Array.from({ length: 60_000 }, (_, i) => `images/ä-${i}.jpg ${i % 7}`);
    put(folder, 'a.txt', `\uFEFF${lines.join('\r\n')}\r\n  last`);
    const read: string[] = [];
    forEachLine(join(folder, 'a.txt'), (line, number) => {
      assert.is(number, read.push(line));
    });
    assert.equal(read, [...lines, 'last']);
    for (const [text, count] of [
      ['', 0],
      ['\n', 1],
      ['a', 1],
      ['a\n\nb\n', 3],
    ] as const) {
      put(folder, 'b.txt', text);
      let last = 0;
      forEachLine(join(folder, 'b.txt'), (_, number) => {
        last = number;
      });
      assert.is(last, count, JSON.stringify(text));
    }
  }),
);

const textFiles: Record<string, { source: SourceType; file: string; begin: string; says: RegExp }> = {
  'a list': { source: 'lists', file: 'train.txt', begin: 'a.png 0\n', says: /train\.txt:2: has a NUL byte/ },
  'class names': {
    source: 'folders',
    file: 'classes.txt',
    begin: 'a\n',
    says: /classes\.txt:2: has a NUL byte/,
  },
  'a csv file': { source: 'csv', file: 'train.csv', begin: 'path,label\n', says: /train\.csv:2: not csv/ },
};
for (const [what, { source, file, begin, says }] of Object.entries(textFiles)) {
  words(`${what} of 600 MB of NUL bytes is refused by its name at once`, () =>
    inFolder(async (folder) => {
      const path = join(folder, file);
      for (const name of ['a/1.png', 'b/1.png', 'a.png']) put(folder, name, '');
      const opened = openSync(path, 'w');
      writeSync(opened, begin);
      closeSync(opened);
      truncateSync(path, 600_000_000); // sparse
      assert.match(await dataFault(() => sourceOf(folder, { source })), says);
    }),
  );
}

words('an endless line and a text in another encoding are refused', () =>
  inFolder(async (folder) => {
    put(folder, 'train.txt', `a.png 0\nb.png 1\n${'x'.repeat(3_000_000)}`);
    const fault = () => dataFault(() => sourceOf(folder, { source: 'lists' }));
    assert.match(await fault(), /train\.txt:3: is longer than 65536 bytes/);
    put(folder, 'train.txt', Buffer.from('a.png 0\nb\xe4.png 1\n', 'latin1'));
    assert.match(await fault(), /train\.txt: is not UTF-8, first in line 2; save it as UTF-8/);
  }),
);

words('a list with labels before paths is reported as such', () =>
  inFolder(async (folder) => {
    put(folder, 'train.txt', '0 images/a.png\ncat images/b.jpg\nimages/c.png 1\n');
    const message = await dataFault(() => sourceOf(folder, { source: 'lists' }));
    assert.match(
      message,
      'train.txt:1: the label seems to stand first: found "0 images/a.png", expected "path label"',
    );
    assert.match(message, 'train.txt:2: the label seems to stand first');
    assert.not.match(message, 'train.txt:3');
  }),
);

words(
  'a path that differs in separators, letter case or Unicode form alone is told with the file that is there',
  () =>
    inFolder(async (folder) => {
      const config = pixelsConfig(folder);
      const png = await plain([1, 2, 3]).png().toBuffer();
      put(config.dir, 'Images/Äpfel.PNG'.normalize('NFC'), png);
      put(config.dir, 'Images/b.png', png);
      const lines = [
        'Images\\b.png 0',
        'images/B.png 1',
        `${'Images/Äpfel.PNG'.normalize('NFD')} 0`,
        'Images/c.png 1',
      ];
      for (const list of ['train', 'val', 'test']) put(config.dir, `${list}.txt`, `${lines.join('\n')}\n`);
      const message = await dataFault(() => openDataset({ ...config, source: 'lists' }, { threads: 1 }));
      assert.match(message, '(train.txt:1): no such file; there is Images/b.png, with / for \\');
      assert.match(message, '(train.txt:2): no such file; there is Images/b.png, in other letter case');
      assert.match(
        message,
        /\(train\.txt:3\): no such file; there is Images\/Äpfel\.PNG, in another Unicode form/,
      );
      assert.match(message, /\(train\.txt:4\): no such file\n/);
    }),
);

words('an image name in a csv file that differs in spelling: the error names the similar file', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    const png = await plain([1, 2, 3]).png().toBuffer();
    const rows = ['file,class'];
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      for (const number of [1, 2, 3]) {
        put(config.dir, `pictures/${name}${number}.PNG`, png);
        rows.push(`${name}${number}.png,${name < 'd' ? 'cat' : 'dog'}`);
      }
    }
    put(config.dir, 'labels.csv', `${rows.join('\n')}\n`);
    const message = await dataFault(() => openDataset(config, { threads: 1 }));
    assert.match(message, 'no such file; there is pictures/a1.PNG, in other letter case');
  }),
);

words('a compressed tar file is recognised by its content; keys with dots are explained', () =>
  inFolder(async (folder) => {
    const tar = tarOf(
      ['a.v2.jpg', 'x'],
      ['a.v2.cls', '0'],
      ['b.jpg', 'x'],
      ['b.cls', '1'],
      ['b.left.png', 'y'],
    );
    put(folder, 'train.tar', gzipSync(tar));
    assert.match(
      await dataFault(() => sourceOf(folder)),
      /train\.tar: at byte 0: this is no tar file but one compressed by gzip; unzip it/,
    );
    put(folder, 'train.tar', tar);
    const message = await dataFault(() => sourceOf(folder));
    assert.match(message, 'a.v2.jpg: the key ends at the first dot, so it is a; expected no dot in it');
    assert.not.match(message, 'b.left.png');
  }),
);

words.run();
