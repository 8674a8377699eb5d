import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inFolder, plain, put } from '../support/data-helpers.js';
import { inspectedFolder, putLists } from '../support/data-inspect-helpers.js';

const duplicates = suite('duplicates by content');

/** Names that begin with the same letter have the same bytes. */
async function putImages(dir: string, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const level = name.charCodeAt(0);
    put(dir, `${name}.png`, await plain([level, level, level]).png().toBuffer());
  }
}

duplicates('there are none where all contents differ', () =>
  inFolder(async (dir) => {
    await putImages(dir, 'a', 'b', 'c');
    putLists(dir, { train: [['a.png', 0]], val: [['b.png', 0]], test: [['c.png', 0]] });
    const found = await inspectedFolder(dir);
    assert.equal(found.duplicates, {
      copies: { train: 0, validation: 0, test: 0 },
      leaks: [
        { split: 'validation', earlier: 'train', images: 0 },
        { split: 'test', earlier: 'train', images: 0 },
        { split: 'test', earlier: 'validation', images: 0 },
      ],
      labelsDiffer: 0,
      acrossSplits: { count: 0, first: [] },
      withinSplit: { count: 0, first: [] },
    });
    assert.equal(found.warnings, [
      'all images are of one class, "class 0"; expected two classes or more to tell apart',
    ]);
  }),
);

duplicates('within a split, across each two, across all; with the same label and with others', () =>
  inFolder(async (dir) => {
    await putImages(
      dir,
      'a1',
      'a2',
      'a3',
      'b1',
      'b2',
      'c1',
      'c2',
      'd1',
      'd2',
      'e1',
      'e2',
      'e3',
      'f1',
      'f2',
      'x',
    );
    putLists(dir, {
      // a: within train; b: within train, two labels; c: train and validation; d: train and test, two labels
      train: [
        ['a1.png', 0],
        ['b1.png', 0],
        ['a2.png', 0],
        ['c1.png', 1],
        ['d1.png', 0],
        ['b2.png', 1],
        ['a3.png', 0],
        ['e1.png', 1],
      ],
      // e: all three; f: validation and test
      val: [
        ['c2.png', 1],
        ['e2.png', 1],
        ['f1.png', 0],
        ['x.png', 1],
      ],
      test: [
        ['d2.png', 1],
        ['e3.png', 1],
        ['f2.png', 0],
      ],
    });
    const { duplicates: found, warnings } = await inspectedFolder(dir);
    assert.equal(found.copies, { train: 3, validation: 0, test: 0 });
    assert.equal(found.leaks, [
      { split: 'validation', earlier: 'train', images: 2 },
      { split: 'test', earlier: 'train', images: 2 },
      { split: 'test', earlier: 'validation', images: 2 },
    ]);
    const shown = ({ first }: (typeof found)['withinSplit']) =>
      first.map(
        ({ first, labelsDiffer }) =>
          `${first.map(({ image }) => image[0]! + image[1]!).join('=')} ${labelsDiffer}`,
      );
    assert.equal(shown(found.withinSplit), ['b1=b2 true', 'a1=a2=a3 false']);
    assert.equal(shown(found.acrossSplits), ['d1=d2 true', 'c1=c2 false', 'e1=e2=e3 false', 'f1=f2 false']);
    assert.is(found.labelsDiffer, 2);
    assert.equal(found.acrossSplits.first[0]!.first, [
      { split: 'train', image: 'd1.png', place: 'train.txt:5', class: 'class 0' },
      { split: 'test', image: 'd2.png', place: 'test.txt:1', class: 'class 1' },
    ]);
    assert.equal(warnings, [
      'leak: 2 images of validation are in train too; its results count what was learnt by heart',
      'leak: 2 images of test are in train too; its results count what was learnt by heart',
      'leak: 2 images of test are in validation too; its results count what the choice of weights has seen',
      '2 images are there more than once with different labels; at most one is right',
    ]);
  }),
);

duplicates('a file that is listed twice, and pixels that are the same in other bytes', () =>
  inFolder(async (dir) => {
    await putImages(dir, 'a', 'b');
    put(dir, 'c.png', await plain([97, 97, 97]).png({ compressionLevel: 0 }).toBuffer());
    putLists(dir, {
      train: [
        ['a.png', 0],
        ['a.png', 0],
        ['c.png', 0],
      ],
      val: [['b.png', 0]],
      test: [['a.png', 0]],
    });
    const { duplicates: found } = await inspectedFolder(dir);
    assert.equal([found.copies.train, found.acrossSplits.count, found.withinSplit.count], [1, 1, 0]);
    assert.equal(
      found.acrossSplits.first[0]!.first.map(({ place }) => place),
      ['train.txt:1', 'train.txt:2', 'test.txt:1'],
    );
  }),
);

duplicates.run();
