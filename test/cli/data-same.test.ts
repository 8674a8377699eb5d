import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { commandSuite, lockstep, readJson, train } from '../support/command-helpers.js';
import { plain, put } from '../support/data-helpers.js';

/** Every command reads a dataset in the same way: what inspecting says is what training does. */

const test = commandSuite('datasets, the same for all commands');

const colors = [
  [200, 30, 30],
  [30, 200, 30],
] as const;

/** Images of two classes, each of its colour: `nameOf(class, 0)`, ... below `dir`. */
async function putImages(
  dir: string,
  count: number,
  nameOf: (label: number, i: number) => string,
): Promise<void> {
  for (const [label, [r, g, b]] of colors.entries()) {
    for (let i = 0; i < count; i++) {
      put(
        dir,
        nameOf(label, i),
        await plain([r, g, b + i])
          .png()
          .toBuffer(),
      );
    }
  }
}

const rows = (header: string, count: number) =>
  `${[header, ...colors.flatMap((_, label) => Array.from({ length: count }, (_, i) => `${label}_${i};${['red', 'green'][label]}`))].join('\n')}\n`;

const datasets: Record<string, { put(dir: string): Promise<void>; options: string[]; counts: number[] }> = {
  'folders in an archive, a test without labels': {
    async put(dir) {
      await putImages(dir, 8, (label, i) => `set/Training/${label}/${i}.png`);
      await putImages(dir, 3, (label, i) => `set/Testing/${label}_${i}.png`);
    },
    options: [],
    counts: [12, 2, 2],
  },
  'a table of ids, with a column of labels that is named': {
    async put(dir) {
      await putImages(dir, 8, (label, i) => `train_images/${label}_${i}.png`);
      await putImages(dir, 3, (label, i) => `test_images/x${label}_${i}.png`);
      put(dir, 'train.csv', rows('image_id;finding', 8));
    },
    options: ['--set', 'data.csv.label=finding', '--set', 'data.split.test=0.25'],
    counts: [10, 2, 4],
  },
  'classes named like splits': {
    put: (dir) => putImages(dir, 8, (label, i) => `${['train', 'test'][label]}/${i}.png`),
    options: ['--source', 'folders'],
    counts: [12, 2, 2],
  },
};

for (const [i, [name, own]] of Object.entries(datasets).entries()) {
  test(`${name}: inspecting and training say the same`, async ({ folder: folderOf }) => {
    const folder = folderOf();
    await own.put(join(folder, 'own'));
    const options = [...own.options, '--set', 'data.cache=packed'];
    const ofConfig = ['--set', 'model.layers.4.outFeatures=classes'];
    const trained = await train(
      folder,
      '--config',
      'config.json',
      '--data',
      'own',
      ...options,
      ...ofConfig,
      '--epochs',
      '1',
      '--out',
      `run${i}`,
    );
    assert.is(trained.code, 0, trained.stderr);
    const looks = [
      await lockstep(folder, 'data', 'inspect', 'own', ...options, '--json', '--no-sheet'),
      await lockstep(
        folder,
        'data',
        'inspect',
        'own',
        '--config',
        'config.json',
        ...options,
        '--json',
        '--no-sheet',
      ),
    ];
    for (const { code, stdout, stderr } of looks) {
      assert.is(code, 0, stderr);
      const { notes, splits } = JSON.parse(stdout);
      assert.equal(
        ['train', 'validation', 'test'].map((split) => splits[split].images),
        own.counts,
      );
      assert.ok(notes.length > 0);
      for (const note of notes)
        assert.ok(trained.stdout.includes(JSON.stringify(note)), `${note}\n${trained.stdout}`);
    }
    const { final } = readJson(join(folder, `run${i}/summary.json`)) as {
      final: Record<string, { samples: number }>;
    };
    assert.is(final['test']!.samples, own.counts[2]);
  });
}

test("inspecting without a folder takes the config's, and says what is missing without either", async ({
  folder: folderOf,
  dataset,
}) => {
  const folder = folderOf();
  const { stdout, code } = await lockstep(
    folder,
    'data',
    'inspect',
    '--config',
    'config.json',
    '--json',
    '--no-sheet',
  );
  assert.is(code, 0);
  assert.is(JSON.parse(stdout).dir, dataset);
  const none = await lockstep(folder, 'data', 'inspect');
  assert.is(none.code, 2);
  assert.match(none.stderr, /give the folder of a dataset, or a config with --config/);
  const key = await lockstep(folder, 'data', 'inspect', dataset, '--set', 'data.csv.labels=x');
  assert.is(key.code, 2);
  assert.match(key.stderr, /data\.csv\.labels/);
});

test('images of one class, whatever others are named: inspecting warns, training refuses, in one sentence', async ({
  folder: folderOf,
}) => {
  const folder = folderOf();
  const own = join(folder, 'own');
  await putImages(own, 4, (label, i) => `images/${label}_${i}.png`);
  for (const list of ['train', 'val', 'test'])
    put(own, `${list}.txt`, 'images/0_1.png dog\nimages/1_1.png dog\n');
  const fault = 'all images are of one class, "dog"; expected two classes or more to tell apart';
  for (const classes of ['dog\n', 'cat\ndog\neel\n']) {
    put(own, 'classes.txt', classes);
    const look = await lockstep(folder, 'data', 'inspect', 'own', '--no-sheet');
    assert.is(look.code, 0, look.stderr);
    assert.is(look.stdout.split(`warning: ${fault}\n`).length, 2, look.stdout);
    const set = ['--set', 'model.layers.4.outFeatures=classes'];
    const badly = await train(folder, '--config', 'config.json', '--data', 'own', ...set);
    assert.is(badly.code, 3);
    assert.match(badly.stderr, `own: ${fault}.`);
  }
  put(own, 'test.txt', 'images/0_1.png cat\nimages/1_1.png dog\n');
  const look = await lockstep(folder, 'data', 'inspect', 'own', '--no-sheet');
  assert.not.match(look.stdout, fault);
});

test('a dataset of test images alone is evaluated, and not trained on', async ({ folder: folderOf }) => {
  const folder = folderOf();
  await putImages(join(folder, 'own'), 8, (label, i) => `train/${label}/${i}.png`);
  await putImages(join(folder, 'tests'), 3, (label, i) => `test/${label}/${i}.png`);
  const options = ['--data', 'own', '--set', 'model.layers.4.outFeatures=classes'];
  const trained = await train(folder, '--config', 'config.json', ...options, '--epochs', '1', '--out', 'run');
  assert.is(trained.code, 0, trained.stderr);
  for (const split of ['all', 'test']) {
    const { code, stdout, stderr } = await lockstep(
      folder,
      'evaluate',
      'run',
      '--data',
      'tests',
      '--split',
      split,
      '--json',
    );
    assert.is(code, 0, stderr);
    assert.is(JSON.parse(stdout).samples, 6);
  }
  const none = await lockstep(folder, 'evaluate', 'run', '--data', 'tests', '--split', 'validation');
  assert.is(none.code, 3);
  assert.match(none.stderr, /there is no validation image to evaluate/);
  const badly = await train(folder, '--config', 'config.json', '--data', 'tests', '--epochs', '1');
  assert.is(badly.code, 3);
  assert.match(badly.stderr, /found test, and none to train on/);
});

test.run();
