import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Source } from '#lockstep/data/source.js';
import { foldSize } from '#lockstep/data/sources/folds.js';
import { dataFault, inFolder, namesOf, put, sourceOf } from '../support/data-helpers.js';

const split = suite('splits taken off train');

const splits = ['train', 'validation', 'test'] as const;

/** Lines of `count` images of a class. */
const lines = (label: number, count: number) =>
  Array.from({ length: count }, (_, i) => `images/${label}/${i}.jpg ${label}`);

/** Images of each split, by class. */
const countsOf = ({ splits: own, classes }: Source) =>
  splits.map((name) => classes.map((_, label) => own[name].labels.filter((other) => other === label).length));

const putTrain = (dir: string, ...groups: readonly (readonly string[])[]) =>
  put(
    dir,
    'train.txt',
    groups
      .flat()
      .map((line) => `${line}\n`)
      .join(''),
  );

split('each class gives its fraction, at least one of three, never its last', () =>
  inFolder(async (dir) => {
    putTrain(dir, ...[1, 2, 3, 4, 14, 15, 200, 1000].map((count, label) => lines(label, count)));
    const source = await sourceOf(dir, { split: { seed: 1, validation: 0.25, test: 0.1 } });
    const [train, validation, test] = countsOf(source);
    assert.equal(test, [0, 0, 1, 1, 1, 2, 20, 100]);
    assert.equal(validation, [0, 1, 1, 1, 4, 4, 50, 250]);
    assert.equal(train, [1, 1, 1, 2, 9, 9, 130, 650]);
    assert.ok(source.notes.includes('validation: 311 images split off train by seed 1'));
    const most = await sourceOf(dir, { split: { seed: 1, validation: 0.49, test: 0.5 } });
    assert.ok(countsOf(most)[0]!.every((count) => count >= 1));
  }),
);

split('every image is in one split, each split in the order of train', () =>
  inFolder(async (dir) => {
    const all = [...lines(0, 30), ...lines(1, 30)].toSorted();
    putTrain(dir, all);
    const source = await sourceOf(dir);
    const found = splits.flatMap((name) => {
      const names = namesOf(source, name);
      assert.equal(names, names.toSorted());
      names.forEach((path, i) => {
        assert.is(
          source.splits[name].placeOf(i),
          `train.txt:${all.indexOf(`${path} ${source.splits[name].labels[i]}`) + 1}`,
        );
        assert.equal(source.splits[name].bytesOf(i), { file: `${dir}/${path}` });
      });
      return names;
    });
    assert.equal(
      found.toSorted(),
      all.map((line) => line.slice(0, -2)),
    );
  }),
);

split("the choice depends on content and seed, not on the order of lines or the folder's path", () =>
  inFolder(async (folder) => {
    const all = [...lines(0, 40), ...lines(1, 60)];
    const [one, other] = [join(folder, 'one'), join(folder, 'other')];
    putTrain(one, all);
    putTrain(other, all.toReversed());
    const of = async (dir: string, seed: number) => {
      const source = await sourceOf(dir, { split: { seed, validation: 0.1, test: 0.1 } });
      return splits.map((name) => namesOf(source, name).toSorted());
    };
    assert.equal(await of(one, 1), await of(other, 1));
    const [, first] = await of(one, 1);
    const [, second] = await of(one, 2);
    assert.not.equal(first, second);
    // Held by these names: another choice is another dataset for everyone who trained on this one.
    assert.equal(first!.slice(0, 4), [
      'images/0/1.jpg',
      'images/0/21.jpg',
      'images/0/22.jpg',
      'images/0/6.jpg',
    ]);
  }),
);

split('the test split is the same whether validation is given or not', () =>
  inFolder(async (dir) => {
    putTrain(dir, lines(0, 50), lines(1, 50));
    const both = await sourceOf(dir);
    put(dir, 'val.txt', 'v.jpg 0\n');
    const given = await sourceOf(dir);
    assert.equal(namesOf(given, 'test'), namesOf(both, 'test'));
    assert.equal(namesOf(given, 'validation'), ['v.jpg']);
  }),
);

split('entries of the same image stay in the same split', () =>
  inFolder(async (dir) => {
    // Each image five times: a cut after 10 or 20 of 100 mostly falls within copies.
    const copies = lines(0, 21).flatMap((line) => Array<string>(5).fill(line));
    for (let seed = 1; seed <= 5; seed++) {
      putTrain(dir, copies);
      const source = await sourceOf(dir, { split: { seed, validation: 0.11, test: 0.13 } });
      const sets = splits.map((name) => new Set(namesOf(source, name)));
      assert.is(
        sets.reduce((sum, set) => sum + set.size, 0),
        21,
      );
    }
  }),
);

split('an image under two labels stays in train, however its path is written', () =>
  inFolder(async (dir) => {
    putTrain(dir, [...lines(0, 40), ...lines(0, 20).map((line) => `./${line.replace(/ 0$/, ' 1')}`)]);
    const source = await sourceOf(dir);
    const [train, ...others] = splits.map((name) => new Set(namesOf(source, name)));
    for (const other of others) {
      assert.ok(other.size > 0);
      assert.is([...other].filter((name) => train!.has(name)).length, 0);
    }
  }),
);

split('a train split that is too small to split is an error', () =>
  inFolder(async (dir) => {
    putTrain(dir, lines(0, 2), lines(1, 1));
    assert.match(
      await dataFault(() => sourceOf(dir)),
      'there is no test split, and no class of train has the 3 images',
    );
  }),
);

const folds = (index: number, of: number, seed = 1) => ({
  split: { seed, validation: 0.1, test: 0.1, fold: { index, of } },
});

split(
  'folds: disjoint, together all of train and validation, each class as evenly as can be; test stays',
  () =>
    inFolder(async (dir) => {
      putTrain(dir, lines(0, 11), lines(1, 4), lines(2, 1), lines(3, 2));
      put(dir, 'val.txt', 'images/val/0.jpg 0\nimages/val/1.jpg 1\n');
      put(dir, 'test.txt', 'images/test/0.jpg 0\n');
      const pool = [12, 5, 1, 2];
      const validated: string[] = [];
      for (let index = 1; index <= 4; index++) {
        const source = await sourceOf(dir, folds(index, 4));
        const [train, validation, test] = countsOf(source);
        assert.equal(
          train!.map((count, label) => count + validation![label]!),
          pool,
        );
        // The only image of class 2 always trains.
        for (const [label, total] of [12, 5, 0, 2].entries())
          assert.ok(Math.abs(validation![label]! - total / 4) < 1, `class ${label} of fold ${index}`);
        assert.equal(test, [1, 0, 0, 0]);
        const [own, others] = [namesOf(source, 'validation'), namesOf(source, 'train')];
        assert.equal([...own, ...others].toSorted().length, 20);
        assert.not.ok(own.some((name) => others.includes(name)));
        // 19 images are dealt to 4 folds.
        assert.is(own.length, index === 4 ? 4 : 5);
        assert.is(foldSize(19, { index, of: 4 }), own.length);
        validated.push(...own);
        assert.ok(source.notes.some((note) => note.startsWith(`validation: fold ${index} of 4, `)));
        assert.ok(
          source.notes.includes(
            '2 classes have fewer images than there are folds: not every fold validates each class',
          ),
        );
      }
      assert.is(new Set(validated).size, validated.length);
      assert.is(validated.length, 19);
    }),
);

split('folds: of content and seed alone; test is the one that is split off without folds', () =>
  inFolder(async (folder) => {
    const all = [...lines(0, 30), ...lines(1, 50)];
    const [one, other] = [join(folder, 'one'), join(folder, 'other')];
    putTrain(one, all);
    putTrain(other, all.toReversed());
    const of = async (dir: string, config: Parameters<typeof sourceOf>[1]) => {
      const source = await sourceOf(dir, config);
      return splits.map((name) => namesOf(source, name).toSorted());
    };
    assert.equal(await of(one, folds(2, 3)), await of(other, folds(2, 3)));
    const tested = join(folder, 'tested');
    putTrain(tested, all);
    put(tested, 'test.txt', 'images/test.jpg 0\n');
    assert.not.equal((await of(tested, folds(2, 3)))[1], (await of(tested, folds(2, 3, 2)))[1]);
    const [, , test] = await of(one, { split: { seed: 1, validation: 0.1, test: 0.1 } });
    assert.equal((await of(one, folds(1, 3)))[2], test);
  }),
);

split('folds: entries of one image stay together, one under two labels trains; none without an image', () =>
  inFolder(async (dir) => {
    putTrain(dir, lines(0, 3), lines(0, 3), lines(1, 4), ['images/0/x.jpg 0', 'images/0/x.jpg 1']);
    for (let index = 1; index <= 3; index++) {
      const source = await sourceOf(dir, { ...folds(index, 3), source: 'lists' });
      const [own, others] = [namesOf(source, 'validation'), namesOf(source, 'train')];
      assert.not.ok(own.some((name) => others.includes(name)));
      assert.is(others.filter((name) => name === 'images/0/x.jpg').length, 2);
    }
    assert.match(await dataFault(() => sourceOf(dir, folds(90, 100))), /fold 90 of 100 has no image/);
  }),
);

split.run();
