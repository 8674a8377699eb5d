import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { imagesOf, imagesOnLines } from '#lockstep/cli/image-arguments.js';
import { imagesBelow, imagesMatching } from '#lockstep/data/images/find.js';
import { UserError } from '#lockstep/errors.js';
import { dataFault, inFolder, put } from '../support/data-helpers.js';

const files = [
  'b.jpg',
  'a.PNG',
  'x.txt',
  '.c.png',
  'in/2.gif',
  'in/10.gif',
  'in/deeper/1.tiff',
  '[odd].png',
  'up.png/1.png',
];

/** Runs `body` with a folder of these files, and what gives paths below it. */
const inPictures = (
  body: (below: (found: Iterable<string>) => string[], dir: string) => Promise<void> | void,
) =>
  inFolder((dir) => {
    for (const file of files) put(dir, file, '');
    return body((found) => [...found].map((path) => path.slice(dir.length + 1)), dir);
  });

const images = suite('image files');

images("in a folder: its own by code point, then its subfolders'; links once", () =>
  inPictures((below, dir) => {
    const all = ['[odd].png', 'a.PNG', 'b.jpg', 'in/10.gif', 'in/2.gif', 'in/deeper/1.tiff', 'up.png/1.png'];
    assert.equal(below(imagesBelow(dir)), all);
    symlinkSync(dir, join(dir, 'in/deeper/loop'));
    symlinkSync(join(dir, 'b.jpg'), join(dir, 'in/link.jpg'));
    assert.equal(below(imagesBelow(dir)), all.toSpliced(5, 0, 'in/link.jpg'));
  }),
);

images('that match a pattern', () =>
  inPictures((below, dir) => {
    const matches = (pattern: string) => below(imagesMatching(`${dir}/${pattern}`));
    assert.equal(matches('*'), ['[odd].png', 'a.PNG', 'b.jpg']);
    assert.equal(matches('?.jpg'), ['b.jpg']);
    assert.equal(matches('[!b].*'), ['a.PNG']);
    assert.equal(matches('{a,b}.{jpg,PNG}'), ['a.PNG', 'b.jpg']);
    assert.equal(matches('*/*.gif'), ['in/10.gif', 'in/2.gif']);
    assert.equal(matches('**/1.*'), ['in/deeper/1.tiff', 'up.png/1.png']);
    assert.equal(matches('**'), below(imagesBelow(dir)));
    assert.equal(matches('in/**/{1,2}.*'), ['in/2.gif', 'in/deeper/1.tiff']);
    assert.equal(matches('b.jp'), []);
    assert.equal(matches('*(b).jpg'), []);
    assert.throws(
      () => matches('{a,b'),
      (error: unknown) => error instanceof UserError && error.exitCode === 2,
    );
  }),
);

images('named by arguments: an existing name is not a pattern', () =>
  inPictures(async (below, dir) => {
    assert.equal(below(imagesOf([`${dir}/[odd].png`, `${dir}/none.png`])), ['[odd].png', 'none.png']);
    assert.match(await dataFault(() => [...imagesOf([`${dir}/*.bmp`])]), /\*\.bmp matches no image/);
    await inFolder(async (empty) => {
      assert.match(await dataFault(() => [...imagesOf([empty])]), /holds no image/);
    });
  }),
);

images('on lines, wherever the parts of a stream are cut', async () => {
  const text = Buffer.from('é.png\r\nb [1].png\n\nlast.png');
  for (let size = 1; size <= text.length; size++) {
    const parts = (async function* () {
      for (let at = 0; at < text.length; at += size) yield text.subarray(at, at + size);
    })();
    const found: string[] = [];
    for await (const path of imagesOnLines(parts)) found.push(path);
    assert.equal(found, ['é.png', 'b [1].png', 'last.png']);
  }
});

images('on lines that do not end are refused', async () => {
  const endless = (async function* () {
    for (;;) yield Buffer.alloc(10_000, 'a');
  })();
  try {
    for await (const _ of imagesOnLines(endless)) assert.unreachable();
    assert.unreachable();
  } catch (error) {
    assert.instance(error, UserError);
  }
});

images.run();
