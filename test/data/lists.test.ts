import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dataFault, inFolder, put, sourceOf } from '../support/data-helpers.js';

const lists = suite('lists');

const readLists = (dir: string) => sourceOf(dir, { source: 'lists' });

function putLists(dir: string, train: string, val = 'a.png 0\n', test = val): void {
  put(dir, 'train.txt', train);
  put(dir, 'val.txt', val);
  put(dir, 'test.txt', test);
}

lists('paths may hold spaces, lines may end in CRLF, blank lines count but say nothing', () =>
  inFolder(async (dir) => {
    putLists(dir, '\uFEFFimages/a b/c 1.png 0\r\n\r\nd.png 2', 'd.png 1\n\n\n');
    const { classes, splits } = await readLists(dir);
    assert.equal([0, 1].map(splits.train.nameOf), ['images/a b/c 1.png', 'd.png']);
    assert.equal([...splits.train.labels], [0, 2]);
    assert.equal([0, 1].map(splits.train.placeOf), ['train.txt:1', 'train.txt:3']);
    assert.equal([...splits.validation.labels], [1]);
    assert.equal(classes, ['class 0', 'class 1', 'class 2']);
  }),
);

lists('classes.txt gives the names', () =>
  inFolder(async (dir) => {
    put(dir, 'classes.txt', 'goldfish\r\nEuropean fire salamander\r\n');
    putLists(dir, 'a.png 0\n');
    assert.equal((await readLists(dir)).classes, ['goldfish', 'European fire salamander']);
  }),
);

lists('every faulty line is named by file and line', () =>
  inFolder(async (dir) => {
    put(dir, 'classes.txt', 'one\ntwo\n');
    putLists(
      dir,
      'a.png 0\nb.png\nc.png x\nd.png -1\ne.png 1.5\nf.png 2\n../g.png 0\n/h.png 0\nC:\\i.png 0\na/../j.png 0\n7\n..k/l..png 1\n',
    );
    const train = join(dir, 'train.txt');
    const message = await dataFault(() => readLists(dir));
    assert.equal(message.split('\n'), [
      `${train}:2: no label: found "b.png", expected "path label"`,
      `${train}:3: the label is "x", expected an integer from 0 to 999999`,
      `${train}:4: the label is "-1", expected an integer from 0 to 999999`,
      `${train}:5: the label is "1.5", expected an integer from 0 to 999999`,
      `${train}:6: the label is 2, expected 0 to 1 by classes.txt`,
      `${train}:7: the path "../g.png" leads out of the folder, expected one below it`,
      `${train}:8: the path "/h.png" leads out of the folder, expected one below it`,
      `${train}:9: the path "C:\\\\i.png" leads out of the folder, expected one below it`,
      `${train}:10: the path "a/../j.png" leads out of the folder, expected one below it`,
      `${train}:11: no label: found "7", expected "path label"`,
    ]);
  }),
);

lists('of many faults 20 are shown and the rest is counted', () =>
  inFolder(async (dir) => {
    putLists(dir, 'x\n'.repeat(33));
    const lines = (await dataFault(() => readLists(dir))).split('\n');
    assert.is(lines.length, 21);
    assert.is(lines[20], 'and 13 more');
  }),
);

lists('without classes.txt, validation may hold no label that training lacks', () =>
  inFolder(async (dir) => {
    putLists(dir, 'a.png 0\nb.png 1\n', 'a.png 1\nb.png 2\n');
    assert.match(
      await dataFault(() => readLists(dir)),
      'val.txt:2: the label is 2, expected 0 to 1 by train.txt',
    );
  }),
);

lists('a missing folder, a missing train list and an empty list are named', () =>
  inFolder(async (dir) => {
    assert.match(await dataFault(() => readLists(join(dir, 'nowhere'))), /nowhere: no such folder/);
    put(dir, 'val.txt', 'a.png 0\n');
    assert.match(await dataFault(() => readLists(dir)), /found validation, and none to train on.*train\.txt/);
    putLists(dir, 'a.png 0\n', 'a.png 0\n', '\n\n');
    assert.match(await dataFault(() => readLists(dir)), /test\.txt: no image in it/);
    put(dir, 'classes.txt', '\n');
    assert.match(await dataFault(() => readLists(dir)), /classes\.txt: no name in it/);
  }),
);

lists('lists that are missing are split off train', () =>
  inFolder(async (dir) => {
    put(dir, 'train.txt', Array.from({ length: 30 }, (_, i) => `${i}.png ${i % 2}\n`).join(''));
    put(dir, 'val.txt', 'v.png 1\n');
    const { splits, notes } = await readLists(dir);
    const sizes = Object.values(splits).map(({ labels }) => labels.length);
    assert.equal(sizes.sort(), [1, 26, 4]);
    assert.equal([splits.validation.nameOf(0), splits.test.labels.length], ['v.png', 4]);
    const line = Number(splits.test.placeOf(0)?.replace('train.txt:', ''));
    assert.is(splits.test.nameOf(0), `${line - 1}.png`);
    assert.equal(notes, ['test: 4 images split off train by seed 1']);
  }),
);

lists('labels may be names, numbered in the order of classes.txt or else by code point', () =>
  inFolder(async (dir) => {
    putLists(dir, 'a.png zebra\nb.png \u{1f63a}\nc.png \uff21\nd.png Zebra\n', 'a.png Zebra\n');
    const sorted = await readLists(dir);
    assert.equal(
      sorted.classes,
      ['Zebra', 'zebra', '\uff21', '\u{1f63a}'],
      'UTF-16 has the cat before the letter',
    );
    assert.equal([...sorted.splits.train.labels], [1, 3, 2, 0]);
    assert.equal(sorted.notes, ['class numbers: names of train.txt, sorted by code point']);
    put(dir, 'classes.txt', 'zebra\n\u{1f63a}\n7\n\uff21\nZebra\n');
    const given = await readLists(dir);
    assert.equal([...given.splits.train.labels], [0, 1, 3, 4]);
    assert.equal(given.notes, ['class numbers: order of classes.txt']);
  }),
);

lists('names that train or classes.txt lacks are named by file and line', () =>
  inFolder(async (dir) => {
    putLists(dir, 'a.png cat\n', 'a.png cat\nb.png dog\n');
    assert.is(
      await dataFault(() => readLists(dir)),
      `${dir}/val.txt:2: the label is "dog", expected a name that train.txt has`,
    );
    put(dir, 'classes.txt', 'dog\ncat\n1\n');
    putLists(dir, 'a.png cat\nb.png 0\n');
    assert.is(
      await dataFault(() => readLists(dir)),
      `${dir}/train.txt:2: the label is "0", expected a name in classes.txt`,
    );
    put(dir, 'classes.txt', 'dog\ncat\ndog\n');
    putLists(dir, 'a.png cat\n');
    assert.match(await dataFault(() => readLists(dir)), /classes\.txt: the name "dog" is in it twice/);
  }),
);

lists('a control character in a path is refused by file and line', () =>
  inFolder(async (dir) => {
    putLists(dir, 'a.png 0\nb\x01.png 1\nc\td.png 0\n');
    const train = join(dir, 'train.txt');
    const message = await dataFault(() => readLists(dir));
    assert.equal(message.split('\n'), [
      `${train}:2: the path "b\\u0001.png" has a control character, expected none`,
      `${train}:3: the path "c\\td.png" has a control character, expected none`,
    ]);
  }),
);

lists('a path below a file is reported as a missing folder', () =>
  inFolder(async (dir) => {
    const below = join(put(dir, 'config.json', '{}'), 'x');
    assert.match(await dataFault(() => readLists(below)), /config\.json.x: no such folder/);
  }),
);

lists.run();
