import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openDataset } from '#lockstep/data/open.js';
import { drawPicture, shapeClasses } from '#lockstep/data/synthetic/shapes.js';
import { nobody } from '#lockstep/files/process-identity.js';
import { temporaryName } from '#lockstep/files/temporary.js';
import { dataFault, inFolder, pixelsConfig, plain, put, putDataset } from '../support/data-helpers.js';

const generate = suite('generated dataset');

const generated = (folder: string, seed = 1) => ({
  ...pixelsConfig(folder, 64, 64),
  generate: { seed, trainPerClass: 2, validationPerClass: 1, testPerClass: 1 },
});

generate('it has 50 classes with names, lists, and 64 x 64 JPEG files', () =>
  inFolder(async (folder) => {
    const config = generated(folder);
    const phases = new Set<string>();
    const data = await openDataset(config, {
      threads: 2,
      onProgress: ({ phase }) => phases.add(phase),
    });
    assert.equal([...phases], ['drawing', 'decoding']);
    assert.is(new Set(data.classes).size, 50);
    assert.ok(data.classes.includes('striped star'));
    const { train, validation, test } = data.splits;
    assert.equal([train.samples, validation.samples, test.samples], [100, 50, 50]);
    assert.equal(readdirSync(folder).sort(), ['cache', 'set'], 'no temporary folder is left');
    const line = readFileSync(join(config.dir, 'train.txt'), 'utf8').split('\n')[2]!;
    const [path, label] = line.split(' ');
    assert.is(label, '1');
    const { format, width, height } = await sharp(join(config.dir, path!)).metadata();
    assert.equal({ format, width, height }, { format: 'jpeg', width: 64, height: 64 });
  }),
);

generate('the same seed gives the same bytes on any number of threads, another seed gives other bytes', () =>
  inFolder(async (folder) => {
    const bytes = async (name: string, seed: number, threads: number) => {
      const data = await openDataset(generated(join(folder, name), seed), { threads });
      return readFileSync(data.path).subarray(data.splits.train.samplesOffset);
    };
    const one = await bytes('one', 1, 1);
    assert.ok(one.equals(await bytes('again', 1, 3)));
    assert.not(one.equals(await bytes('other', 2, 2)));
  }),
);

generate('a picture has these pixels on every machine', () => {
  // FNV-1a over some classes: a change of any pixel is a new dataset, and must be one on purpose.
  let hash = 0x811c9dc5;
  for (let label = 0; label < shapeClasses.length; label += 7) {
    for (const byte of drawPicture(1, label, 3)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  assert.is(hash.toString(16), '4b67d6ae');
});

generate('pictures of a class differ, and so do the splits', () => {
  const pictures = [
    drawPicture(1, 0, 0),
    drawPicture(1, 0, 1),
    drawPicture(1, 0, 2 ** 24),
    drawPicture(1, 5, 0),
  ];
  assert.is(new Set(pictures.map((picture) => Buffer.from(picture).toString('hex'))).size, 4);
});

generate('a folder with other content is read, an empty one is filled', () =>
  inFolder(async (folder) => {
    const config = generated(folder);
    putDataset(config.dir, { 'a.png': await plain([1, 2, 3]).png().toBuffer() });
    const data = await openDataset(config, { threads: 1 });
    assert.is(data.splits.train.samples, 1);
    assert.not(existsSync(join(config.dir, 'images')));
    const notes = { ...config, dir: join(folder, 'notes') };
    put(notes.dir, 'notes.md', 'mine');
    const options = { threads: 2 };
    assert.match(await dataFault(() => openDataset(notes, options)), /found notes\.md, which is no dataset/);
    assert.equal(readdirSync(notes.dir), ['notes.md']);
    const empty = { ...config, dir: join(folder, 'empty') };
    mkdirSync(empty.dir);
    assert.is((await openDataset(empty, options)).splits.test.samples, 50);
  }),
);

generate(
  'other pictures than those that are there are refused, with or without a record of what drew them',
  () =>
    inFolder(async (folder) => {
      const config = generated(folder);
      const record = join(config.dir, 'drawn.json');
      const options = { threads: 2 };
      const drawn = await openDataset(config, options);
      assert.equal(JSON.parse(readFileSync(record, 'utf8')), config.generate);
      const fault = (wish: object) =>
        dataFault(() => openDataset({ ...config, generate: { ...config.generate, ...wish } }, options));
      assert.match(
        await fault({ seed: 2 }),
        /drawn with seed 1, and data\.generate wants seed 2\. Use what is there \(--data /,
      );
      assert.match(
        await fault({ trainPerClass: 3 }),
        /drawn with trainPerClass 2, and data\.generate wants trainPerClass 3/,
      );
      // As older versions drew them.
      rmSync(record);
      assert.match(await fault({ seed: 2 }), /drawn with seed another, and data\.generate wants seed 2/);
      assert.match(
        await fault({ testPerClass: 2 }),
        /drawn with testPerClass 1, and data\.generate wants testPerClass 2/,
      );
      assert.is((await openDataset(config, options)).key, drawn.key);
      // Lists that someone has changed are that person's dataset.
      const list = join(config.dir, 'train.txt');
      writeFileSync(list, readFileSync(list, 'utf8').split('\n').slice(0, 60).join('\n'));
      assert.is((await openDataset(config, options)).splits.train.samples, 60);
    }),
);

generate('a folder that a killed drawing left is removed', () =>
  inFolder(async (folder) => {
    const config = generated(folder);
    putDataset(config.dir, { 'a.png': await plain([1, 2, 3]).png().toBuffer() });
    const left = temporaryName(config.dir, 'tmp', nobody);
    put(left, 'images/a.jpg', '');
    await openDataset(config, { threads: 1 });
    assert.equal(readdirSync(folder).sort(), ['cache', 'set']);
  }),
);

generate.run();
