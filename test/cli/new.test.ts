import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { commandSuite, lockstep, readJson } from '../support/command-helpers.js';

/** `lockstep new`: from a folder to a config that trains. What is recommended for which images, `recommend/recommend` tests. */
const test = commandSuite('lockstep new');

/** Folders of classes with so many pictures of this size each. */
async function putClasses(
  dir: string,
  counts: Readonly<Record<string, number>>,
  width: number,
  height: number,
) {
  for (const [label, [name, count]] of Object.entries(counts).entries()) {
    mkdirSync(join(dir, name), { recursive: true });
    for (let i = 0; i < count; i++) {
      const background = { r: 70 * label, g: 3 * i, b: 255 - 70 * label };
      await sharp({ create: { width, height, channels: 3, background } })
        .png()
        .toFile(join(dir, name, `${i}.png`));
    }
  }
}

test('writes a config beside the folder, says why, and the command that it ends with trains', async (context) => {
  const folder = context.folder();
  await putClasses(join(folder, 'zoo/My pets'), { cat: 20, dog: 4 }, 20, 18);
  writeFileSync(join(folder, 'zoo/My pets/cat/broken.png'), 'no picture');
  const { code, stdout, stderr } = await lockstep(folder, 'new', 'zoo/My pets', '--threads', '2');
  assert.is(code, 0, stderr);
  for (const words of [
    'zoo/My pets: 19 train, 3 validation, 3 test images of 2 classes',
    'the median image is 20 × 18 (up to 40)',
    'images a class (fewer than 50)',
    'broken',
    'images/s measured, 2 threads',
    'wrote zoo/My-pets.json',
  ])
    assert.match(stdout, words);
  const config = readJson(folder, 'zoo/My-pets.json');
  assert.equal([config.name, config.data.dir, config.data.skipBadImages], ['My-pets', 'zoo/My pets', true]);
  const [, command] = /^ {2}\S+ \S+lockstep\.js (train --config \S+)$/m.exec(stdout)!;
  const trained = await lockstep(folder, ...command!.split(' '), '--epochs', '1', '--out', 'run');
  assert.is(trained.code, 0, trained.stderr);
  assert.is(readJson(folder, 'run/summary.json').status, 'completed');

  const before = readFileSync(join(folder, 'zoo/My-pets.json'));
  const again = await lockstep(folder, 'new', 'zoo/My pets');
  assert.is(again.code, 2);
  assert.match(again.stderr, 'zoo/My-pets.json is there already; name another file with --out');
  assert.equal(readFileSync(join(folder, 'zoo/My-pets.json')), before);
});

test('a folder that no training takes is refused as a training does, and nothing is written', async (context) => {
  const folder = context.folder();
  await putClasses(join(folder, 'one'), { cat: 4 }, 8, 8);
  mkdirSync(join(folder, 'bad/a'), { recursive: true });
  mkdirSync(join(folder, 'bad/b'));
  for (const name of ['a/1.png', 'a/2.png', 'a/3.png', 'b/1.png', 'b/2.png', 'b/3.png'])
    writeFileSync(join(folder, 'bad', name), 'no picture');
  for (const [dir, words] of [
    ['one', 'found images in cat/ alone, which makes one class'],
    ['onee', 'onee: no such folder; did you mean one?'],
    ['bad', 'none of its images can be used'],
  ] as const) {
    const { code, stderr } = await lockstep(folder, 'new', dir);
    assert.is(code, 3, stderr);
    assert.match(stderr, words);
  }
  const { code, stderr } = await lockstep(folder, 'new', 'one', '--set', 'training.epochs=3');
  assert.is(code, 2);
  assert.match(stderr, 'is not of the data');
  assert.equal(readdirSync(folder).sort(), ['bad', 'config.json', 'one']);
});

test.run();
