import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openDataset } from '#lockstep/data/open.js';
import { ExitCode, UserError } from '#lockstep/errors.js';
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
import { needing } from '../support/needing.js';

const csv = suite('csv files as a source');

csv('a file with a split column becomes samples with their pixels', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    for (const value of [1, 2, 3, 4])
      put(config.dir, `images/${value}, x.png`, await plain([value, 0, 9]).png().toBuffer());
    put(
      config.dir,
      'all.csv',
      '\uFEFFid,label,path,split\r\n1,tench,"images/1, x.png",train\r\n2,"a ""b""","images/2, x.png",Train\r\n' +
        '\r\n3,tench,"images/3, x.png",valid\r\n4,tench,"images/4, x.png",test\r\n',
    );
    const data = await openDataset(config, { threads: 1 });
    assert.equal(data.classes, ['a "b"', 'tench']);
    assert.equal(labelsOf(data, 'train'), [1, 0]);
    assert.equal(
      [...samplesOf(data, 'validation')[0]!],
      [3, 0, 9].flatMap((x) => Array(16).fill(x)),
    );
    const { splits } = await sourceOf(config.dir);
    assert.is(splits.validation.placeOf(0), 'all.csv:5');
    assert.is(splits.test.placeOf(0), 'all.csv:6');
  }),
);

csv('train.csv, val.csv and test.csv are the splits; data.csv names columns and delimiter', () =>
  inFolder(async (dir) => {
    put(dir, 'train.csv', 'file;class\na.png;0\nb.png;2\n');
    put(dir, 'val.csv', 'class;file\n2;c.png\n');
    put(dir, 'test.csv', 'file;class\nd.png;1\n');
    put(dir, 'more.csv', 'file;class\ne.png;1\n');
    const columns = { path: 'file', label: 'class', split: 'split', delimiter: ';' };
    const source = await sourceOf(dir, { csv: columns });
    assert.equal(source.notes, ['recognised as csv (data.source)', 'not used: more.csv']);
    assert.equal(namesOf(source, 'train'), ['a.png', 'b.png']);
    assert.equal([...source.splits.validation.labels, ...source.splits.test.labels], [2, 1]);
    assert.equal(source.splits.test.bytesOf(0), { file: `${dir}/d.png` });
    assert.match(
      await dataFault(() => sourceOf(dir, { source: 'csv', csv: { ...columns, label: 'klass' } })),
      `${dir}/train.csv:1: no column "klass": found file, class; name it in data.csv.label.`,
    );
  }),
);

csv('a quoted value may span lines, and the lines are still counted', () =>
  inFolder(async (dir) => {
    put(dir, 'train.csv', 'path,label,note\na.png,0,"one\ntwo\r\nthree"\nb.png,x,\n');
    put(dir, 'val.csv', 'path,label\na.png,0\n');
    put(dir, 'test.csv', 'path,label\na.png,0\n');
    assert.is(
      await dataFault(() => sourceOf(dir)),
      `${dir}/train.csv:5: the label is "x", expected an integer from 0 to 999999`,
    );
  }),
);

csv('every faulty row is named by its line', () =>
  inFolder(async (dir) => {
    put(
      dir,
      'set.csv',
      'path,label,split\na.png,0,train\nb.png,0\n../c.png,0,train\n,1,train\nd.png,,train\ne.png,0,later\n',
    );
    assert.equal((await dataFault(() => sourceOf(dir))).split('\n'), [
      `${dir}/set.csv:3: found 2 columns, expected 3 as in the header`,
      `${dir}/set.csv:4: the path "../c.png" leads out of the folder, expected one below it`,
      `${dir}/set.csv:5: no path in this row`,
      `${dir}/set.csv:6: no label in this row`,
      `${dir}/set.csv:7: the split is "later", expected train, val or test`,
    ]);
  }),
);

csv('a file that is not csv, or has no rows, no header or repeated columns, is an error', () =>
  inFolder(async (folder) => {
    const at = (name: string, files: Record<string, string>) => {
      const dir = join(folder, name);
      for (const [file, text] of Object.entries(files)) put(dir, file, text);
      return dataFault(() => sourceOf(dir, { source: 'csv' }));
    };
    const open = `path,label\na.png,0\n"b.png,0\n${'c.png,0\n'.repeat(20_000)}`;
    assert.match(await at('quote', { 'x.csv': open }), /x\.csv:3: not csv: Max Record Size/);
    assert.match(
      await at('unclosed', { 'x.csv': 'path,label\na.png,"0\n' }),
      /x\.csv:2: not csv: Quote Not Closed/,
    );
    assert.match(
      await at('rows', { 'train.csv': 'path,label\n\n' }),
      /train\.csv: no image in it; expected rows/,
    );
    assert.match(await at('empty', { 'train.csv': '' }), /train\.csv: is empty; expected a header/);
    assert.match(
      await at('twice', { 'train.csv': 'path,label,path\n' }),
      /train\.csv:1: two columns are named "path"/,
    );
    assert.match(
      await at('none', { 'a.txt': '' }),
      /found no \.csv file; expected one with a header with "path" and "label"/,
    );
    assert.match(await at('other', { 'a.csv': 'id,breed\n' }), /found a\.csv; expected one with a header/);
    const two = { 'a.csv': 'path,label\n', 'b.csv': 'label,path\n' };
    assert.match(
      await at('two', two),
      /found a\.csv and b\.csv with a header .*; expected one, or train\.csv/,
    );
    const val = { 'train.csv': 'path,label\na.png,0\n', 'val.csv': 'path,label,split\nb.png,0,train\n' };
    assert.match(await at('split', val), /val\.csv:2: the split is train, expected validation in val\.csv/);
    assert.match(
      await at('untrained', { 'x.csv': 'path,label,split\nb.png,0,test\n' }),
      /found test, and none to train on/,
    );
  }),
);

needing(
  csv,
  'a user other than root',
  process.getuid?.() !== 0 && process.platform !== 'win32',
)('an image that may lie in a folder that cannot be read is not missing', () =>
  inFolder(async (dir) => {
    put(dir, 'images.csv', 'id,label\na,0\nb,1\nc,0\n');
    for (const id of ['a', 'b']) put(dir, `open/${id}.png`, '');
    const closed = join(dir, 'closed');
    put(closed, 'c.png', '');
    chmodSync(closed, 0);
    try {
      await sourceOf(dir);
      assert.unreachable('the source was read');
    } catch (error) {
      assert.instance(error, UserError);
      assert.match((error as UserError).message, /closed: cannot be read: EACCES/);
      assert.is((error as UserError).exitCode, ExitCode.environment);
    } finally {
      chmodSync(closed, 0o700);
    }
  }),
);

csv.run();
