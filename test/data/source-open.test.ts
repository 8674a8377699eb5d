import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '#lockstep/config/load.js';
import { type SourceType, sourceTypes } from '#lockstep/config/schema.js';
import { dataFault, inFolder, put, sourceOf } from '../support/data-helpers.js';

const open = suite('recognising a source');

/** Files that make a folder look like each form, and that make it faulty, so that the error says who read it. */
const marks: Record<SourceType, { files: Record<string, string>; says: RegExp }> = {
  lists: { files: { 'train.txt': 'a.png x\nb.png' }, says: /train\.txt:2: no label/ },
  cifar10: { files: { 'data_batch_1.bin': 'a' }, says: /data_batch_1\.bin: found 1 byte/ },
  cifar100: { files: { 'cifar-100-binary/train.bin': 'a' }, says: /train\.bin: found 1 byte/ },
  idx: { files: { 'train-images.idx3-ubyte': 'a' }, says: /without its labels/ },
  arrays: { files: { 'test.safetensors': 'a' }, says: /test\.safetensors: not a valid safetensors file/ },
  csv: { files: { 'x.csv': '"path", label\n' }, says: /x\.csv: no image in it/ },
  webdataset: { files: { 'train/1.tar': 'a' }, says: /train\/1\.tar: at byte 0/ },
  folders: { files: { 'cats/deep/1.jpg': 'a' }, says: /found images in (?:cats|deep)\/ alone/ },
};

for (const [at, type] of sourceTypes.entries()) {
  open(`${type} is recognised, before the forms that come later`, () =>
    inFolder(async (dir) => {
      for (const later of sourceTypes.slice(at)) {
        for (const [name, text] of Object.entries(marks[later].files)) put(dir, name, text);
      }
      assert.match(await dataFault(() => sourceOf(dir)), marks[type].says);
    }),
  );

  open(`${type}, named in the config, is the only form that is tried`, () =>
    inFolder(async (dir) => {
      for (const [name, text] of Object.entries(marks[type].files)) put(dir, name, text);
      assert.match(await dataFault(() => sourceOf(dir, { source: type })), marks[type].says);
      const other = sourceTypes[(at + 1) % sourceTypes.length]!;
      assert.not.match(await dataFault(() => sourceOf(dir, { source: other })), marks[type].says);
    }),
  );
}

open('a folder that is no dataset: the error says what was found, and lists all forms', () =>
  inFolder(async (dir) => {
    const empty = join(dir, 'empty');
    mkdirSync(empty);
    assert.match(await dataFault(() => sourceOf(empty)), `${empty}: found nothing, which is no dataset`);
    for (let i = 0; i < 10; i++) put(dir, `${i}.zip`, '');
    put(dir, 'labels.csv', 'id,breed\n1,2\n');
    put(dir, '.hidden', '');
    const [first, ...lines] = (await dataFault(() => sourceOf(dir))).split('\n');
    assert.is(
      first,
      `${dir}: found empty/, 0.zip, 1.zip, 2.zip, 3.zip, 4.zip, 5.zip, 6.zip, and 4 more, which is no dataset that lockstep recognises.`,
    );
    const at = lines.indexOf('Expected one of (data.source)');
    assert.equal(lines.slice(0, at), [
      'Nearly fits (--source or data.source chooses one):',
      '  csv: labels.csv has the columns id, breed, none of which names images here',
    ]);
    assert.equal(
      lines.slice(at + 1).map((line) => line.split(':')[0]!.trim()),
      [...sourceTypes],
    );
  }),
);

open('the config has defaults for all of it, and keeps fractions below 1', () => {
  const data = { dir: 'x', features: { type: 'pixels', width: 8, height: 8 } };
  const rest = {
    name: 'x',
    model: { layers: [{ type: 'dense', outFeatures: 2 }] },
    loss: { type: 'crossEntropy' },
    optimizer: { type: 'sgd', learningRate: 1 },
    training: { batchSize: 1, epochs: 1 },
  };
  const config = parseConfig({ data, ...rest }).data;
  assert.equal(
    [config.source, config.split, config.csv, config.labels],
    ['auto', { seed: 1, validation: 0.1, test: 0.1 }, {}, 'fine'],
  );
  assert.equal(parseConfig({ data, ...rest }, 'x', ['data.split.seed=7']).data.split.seed, 7);
  assert.throws(
    () => parseConfig({ data: { ...data, split: { validation: 0.5, test: 0.5 } }, ...rest }),
    /data\.split\.validation: found 0\.5; validation and test together must be below 1/,
  );
});

open.run();
