import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Ended } from '../support/command-helpers.js';
import { inFolder, plain, put, type Rgb } from '../support/data-helpers.js';
import { putLists } from '../support/data-inspect-helpers.js';
import { hang } from '../support/needing.js';

/** `lockstep data inspect` as a user runs it. */

const entry = fileURLToPath(new URL('../../lockstep.js', import.meta.url));
const command = suite('the data inspect command');

function inspect(folder: string, ...args: readonly string[]): Promise<Ended> {
  const line = [entry, 'data', 'inspect', ...args];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, line, { cwd: folder, timeout: hang }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

const colors: readonly Rgb[] = [
  [200, 30, 30],
  [30, 200, 30],
  [30, 30, 200],
];

/** A folder a class, each of one colour: `sizes` of its training images, and one of 8 x 8 in val and in test. */
async function putFolders(
  dir: string,
  names: readonly string[],
  sizes: readonly (readonly [number, number])[],
): Promise<void> {
  for (const [label, name] of names.entries()) {
    const [r, g, b] = colors[label]!;
    for (const [i, [width, height]] of sizes.entries()) {
      put(
        dir,
        `train/${name}/${i}.png`,
        await plain([r, g, b - i], width, height)
          .png()
          .toBuffer(),
      );
    }
    put(
      dir,
      `val/${name}/0.png`,
      await plain([r, g + 20, b])
        .png()
        .toBuffer(),
    );
    put(
      dir,
      `test/${name}/0.png`,
      await plain([r, g + 40, b])
        .png()
        .toBuffer(),
    );
  }
}

/** The size of a PNG, and the colour of a pixel. */
async function readSheet(path: string) {
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [...data.subarray(3 * (y * info.width + x)).subarray(0, 3)];
  return { width: info.width, height: info.height, at };
}

command('tables on stdout, the sheet beside them; exit code 0 in spite of warnings', () =>
  inFolder(async (folder) => {
    const dir = join(folder, 'set');
    await putFolders(
      dir,
      ['cat', 'dog'],
      [
        [8, 8],
        [16, 8],
        [8, 16],
      ],
    );
    put(dir, 'train/cat/cut.png', readFileSync(join(dir, 'train/cat/0.png')).subarray(0, 40));
    put(dir, 'test/dog/leak.png', readFileSync(join(dir, 'train/cat/0.png')));
    const { code, stdout, stderr } = await inspect(folder, 'set', '--threads', '2');
    assert.is(code, 0, stderr);
    for (const line of [
      /^set\n {2}recognised as folders \(data\.source\)\n/,
      /^train +7 +1 +2$/m,
      /^ +1 +dog +3 +1 +2$/m,
      /^png +srgb +3 +8 +11$/m,
      /^width +8 +8 +16$/m,
      /^16 x 8 +2 +18\.18%$/m,
      /^broken images: 1\n {2}train\/cat\/cut\.png: ./m,
      /^images of test that are in train too +1$/m,
      /^ {2}train train\/cat\/0\.png, cat = test test\/dog\/leak\.png, dog \(different labels\)$/m,
      /^warning: 1 image cannot be used/m,
      /^warning: leak: 1 image of test is in train too/m,
    ]) {
      assert.match(stdout, line);
    }
    assert.match(stderr, 'note: contact-sheet.png: 10 training images of each of all 2 classes');
    assert.equal(readdirSync(folder).sort(), ['contact-sheet.png', 'set']);
  }),
);

command('the sheet: a row a class, images in proportion in the middle of their cells', () =>
  inFolder(async (folder) => {
    // Enlarged eightfold, four times, and shrunk to a quarter.
    await putFolders(
      join(folder, 'set'),
      ['a', 'b', 'c'],
      [
        [8, 8],
        [16, 8],
        [64, 256],
      ],
    );
    const { code } = await inspect(folder, 'set', '--out', 'my.png', '--per-class', '3', '--classes', '2');
    assert.is(code, 0);
    const { width, height, at } = await readSheet(join(folder, 'my.png'));
    const [left, top, step] = [190, 4, 68];
    assert.equal([width, height], [left + 3 * step + 4, top + 2 * step + 4]);
    const ground = [236, 236, 236];
    for (const row of [0, 1]) {
      const [r, g, b] = colors[row]!;
      const y = top + row * step;
      assert.equal(
        [at(left, y), at(left + 63, y + 63)],
        [
          [r, g, b],
          [r, g, b],
        ],
      );
      const [wide, tall] = [left + step, left + 2 * step];
      assert.equal(
        [at(wide, y + 15), at(wide, y + 16), at(wide + 63, y + 47), at(wide, y + 48)],
        [ground, [r, g, b - 1], [r, g, b - 1], ground],
      );
      assert.equal(
        [at(tall + 23, y), at(tall + 24, y), at(tall + 39, y + 63), at(tall + 40, y)],
        [ground, [r, g, b - 2], [r, g, b - 2], ground],
      );
    }
  }),
);

command('JSON alone on stdout, with everything; no sheet if not wanted', () =>
  inFolder(async (folder) => {
    const names = Array.from({ length: 60 }, (_, i) => `${i}.png`);
    const dir = join(folder, 'set');
    for (const name of names) put(dir, name, 'broken');
    put(dir, 'good.png', await plain([51, 102, 255]).png().toBuffer());
    const good = ['good.png', 0] as const;
    putLists(dir, { train: [good, ...names.map((name) => [name, 1] as const)], val: [good], test: [good] });
    const { code, stdout } = await inspect(folder, 'set', '--json', '--no-sheet', '--source', 'lists');
    assert.is(code, 0);
    const found = JSON.parse(stdout);
    assert.equal([found.broken.count, found.broken.first.length], [60, 60]);
    assert.equal(found.broken.first[59].image, '59.png');
    assert.equal(found.notes, []);
    assert.equal(found.pixels.train, { pixels: 64, mean: [0.2, 0.4, 1], deviation: [0, 0, 0] });
    assert.is(found.duplicates.acrossSplits.first[0].first.length, 3);
    assert.equal(readdirSync(folder), ['set']);
    const table = (await inspect(folder, 'set', '--no-sheet')).stdout;
    assert.match(table, /^ {2}and 40 more$/m);
  }),
);

command("a class's name stays text: markup, control characters, characters that are none", () =>
  inFolder(async (folder) => {
    const hostile = ['<img src=x>&amp;', 'a\x1b[2Jb\nc\x9b1m', 'x\uFFFE\u202Ey'];
    await putFolders(join(folder, 'set'), hostile, [[8, 8]]);
    const { code, stdout, stderr } = await inspect(folder, 'set');
    assert.is(code, 0, stderr);
    assert.match(stdout, '<img src=x>&amp;');
    assert.match(stdout, 'a\\u001b[2Jb\\nc\\u009b1m');
    assert.not.match(stdout + stderr, /(?!\n)\p{Cc}/u);
    assert.is((await readSheet(join(folder, 'contact-sheet.png'))).height, 4 + 3 * 68 + 4);
    const json = await inspect(folder, 'set', '--json', '--no-sheet');
    assert.not.match(json.stdout, /(?!\n)\p{Cc}/u);
    assert.equal(
      JSON.parse(json.stdout)
        .classes.map(({ name }: { name: string }) => name)
        .sort(),
      hostile.toSorted(),
    );
  }),
);

command('of many classes the smallest and the largest are shown', () =>
  inFolder(async (folder) => {
    const dir = join(folder, 'set');
    put(dir, 'a.png', await plain([1, 2, 3]).png().toBuffer());
    const train = Array.from({ length: 60 }, (_, label) =>
      Array.from({ length: label + 1 }, () => ['a.png', label] as const),
    ).flat();
    putLists(dir, { train, val: [['a.png', 0]], test: [['a.png', 0]] });
    const { stdout } = await inspect(folder, 'set', '--no-sheet');
    assert.match(stdout, /^ +9 +class 9 +10 +0 +0\n +\(40 classes between\)\n +50 +class 50 +51 +0 +0$/m);
    assert.match(stdout, 'largest class of train by the smallest: 60.00');
    assert.match(stdout, /no image in test of 59 classes: "class 1", .*, and 49 more$/m);
  }),
);

command('what is no dataset: exit code 3; a wrong option: 2; no folder for the sheet: 5', () =>
  inFolder(async (folder) => {
    await putFolders(join(folder, 'set'), ['a', 'b'], [[8, 8]]);
    put(folder, 'empty/readme.md', '');
    const wrong: [number, string, readonly string[]][] = [
      [3, 'missing: ', ['missing']],
      [3, 'which is no dataset', ['empty']],
      [3, 'train.txt', ['set', '--source', 'lists']],
      [2, 'give the folder of a dataset, or a config with --config', []],
      [2, '--per-class is 0', ['set', '--per-class', '0']],
      [2, 'at most 10000', ['set', '--per-class', '1001']],
      [2, 'an argument is empty', ['']],
      [5, 'there is no folder no/where', ['set', '--out', 'no/where/sheet.png']],
    ];
    for (const [code, says, args] of wrong) {
      const ended = await inspect(folder, ...args);
      assert.is(ended.code, code, `${args}: ${ended.stderr}`);
      assert.match(ended.stderr, says);
      assert.is(ended.stdout, '');
    }
    assert.not.ok(existsSync(join(folder, 'contact-sheet.png')));
  }),
);

command('nothing that can be read: tables, a warning, and no sheet', () =>
  inFolder(async (folder) => {
    const dir = join(folder, 'set');
    for (const split of ['train', 'val', 'test'])
      for (const name of ['a', 'b']) put(dir, `${split}/${name}/0.png`, 'x');
    const { code, stdout, stderr } = await inspect(folder, 'set');
    assert.is(code, 0, stderr);
    assert.match(stdout, /^broken images: 6$/m);
    assert.match(stderr, 'no contact sheet');
    assert.equal(readdirSync(folder), ['set']);
  }),
);

command.run();
