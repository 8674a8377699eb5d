import { appendFileSync, chmodSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryName } from '#lockstep/files/temporary.js';
import { curvesOf } from '#lockstep/views/dashboard/curves.js';
import { RunsFolder } from '#lockstep/views/dashboard/runs-folder.js';
import { epochOf, putRun } from '../support/dashboard-helpers.js';
import { inFolder, put } from '../support/data-helpers.js';

const test = suite("a dashboard's runs");

test('runs are listed by name, with what their files say', async () => {
  await inFolder((folder) => {
    putRun(folder, 'b', 3);
    putRun(folder, 'a', 2, false);
    put(folder, 'notes.txt', '');
    put(folder, 'other/file', '');
    const runs = new RunsFolder(folder);
    assert.ok(runs.look());
    const [a, b] = runs.entries;
    assert.is(runs.entries.length, 2);
    assert.equal([a!.folder, a!.status, a!.epochs, a!.testTop1], ['a', 'cut off', 2, null]);
    assert.equal([b!.folder, b!.status, b!.epochs, b!.testTop1], ['b', 'completed', 3, 0.625]);
    assert.equal([b!.bestTop1, b!.imagesPerSecond, b!.seconds], [epochOf(3).validation.top1, 1500, 6]);
    assert.equal(runs.curves(b!.id), curvesOf([1, 2, 3].map(epochOf)));
    assert.is(runs.curves(99), undefined);
  });
});

test('a run whose process lives is running, even if an earlier part has ended; without the process it is cut off', async () => {
  await inFolder((folder) => {
    putRun(folder, 'a', 2, false);
    putRun(folder, 'b', 2);
    const claims = ['a', 'b'].map((run) => temporaryName(join(folder, run, 'claim')));
    for (const claim of claims) writeFileSync(claim, '');
    const runs = new RunsFolder(folder);
    runs.look();
    assert.equal(
      runs.entries.map(({ status }) => status),
      ['running', 'running'],
    );
    for (const claim of claims) rmSync(claim);
    assert.ok(runs.look());
    assert.equal(
      runs.entries.map(({ status }) => status),
      ['cut off', 'completed'],
    );
  });
});

test('a growing run is read again, without its incomplete line; other runs are not', async () => {
  await inFolder((folder) => {
    putRun(folder, 'a', 1, false);
    putRun(folder, 'b', 1);
    const runs = new RunsFolder(folder);
    runs.look();
    assert.not.ok(runs.look());
    const [a, b] = runs.entries;
    appendFileSync(join(folder, 'a/metrics.jsonl'), `${JSON.stringify(epochOf(2))}\n{"epoch": 3`);
    assert.ok(runs.look());
    assert.equal([runs.entries[0]!.id, runs.entries[0]!.version, runs.entries[0]!.epochs], [a!.id, 2, 2]);
    assert.equal(runs.curves(a!.id)!.epoch, [1, 2]);
    assert.is(runs.entries[1], b);
    rmSync(join(folder, 'a'), { recursive: true });
    assert.ok(runs.look());
    assert.is(runs.curves(a!.id), undefined);
  });
});

test('a damaged run is listed with its reason, and does not hide others', async () => {
  await inFolder((folder) => {
    const files: Record<string, string> = {
      'cut/config.json': '{',
      'odd/metrics.jsonl': '{"epoch": 1}\n',
      'nothing/metrics.jsonl': 'null\n',
      'words/metrics.jsonl': `${JSON.stringify({ ...epochOf(1), seconds: '<b>' })}\n`,
      'text/metrics.jsonl': 'metrics\n',
      'half/summary.json': '{"status": ',
    };
    for (const [name, text] of Object.entries(files)) {
      putRun(folder, name.split('/')[0]!, 2);
      put(folder, name, text);
    }
    putRun(folder, 'whole', 2);
    put(folder, 'empty/config.json', '');
    const runs = new RunsFolder(folder);
    runs.look();
    const faults = Object.fromEntries(runs.entries.map(({ folder, fault }) => [folder, fault]));
    assert.is(faults['whole'], null);
    for (const name of ['cut', 'odd', 'nothing', 'words', 'text', 'half', 'empty'])
      assert.type(faults[name], 'string', name);
    assert.match(faults['odd']!, 'metrics.jsonl cannot be read');
    const damaged = runs.entries.find((run) => run.folder === 'odd')!;
    assert.is(damaged.status, 'damaged');
    assert.is(runs.curves(damaged.id), undefined);
  });
});

test("a file larger than any training's is not read", async () => {
  await inFolder((folder) => {
    for (const [name, file] of [
      ['a', 'metrics.jsonl'],
      ['b', 'summary.json'],
    ] as const) {
      putRun(folder, name, 1);
      // One that is read gives other words.
      truncateSync(join(folder, name, file), 2 ** 23 + 1);
    }
    const runs = new RunsFolder(folder);
    runs.look();
    for (const { fault } of runs.entries) assert.match(fault!, '8388608 is the most that is read');
  });
});

test('many runs are read a few at a time, and all in the end', async () => {
  await inFolder((folder) => {
    for (const name of ['a', 'b', 'c']) putRun(folder, name, 1);
    const runs = new RunsFolder(folder);
    const names = () => runs.entries.map((run) => run.folder);
    for (const known of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
      assert.ok(runs.look(undefined, 0));
      assert.equal(names(), known);
    }
    assert.not.ok(runs.look(undefined, 0));
    for (const name of ['a', 'b'])
      appendFileSync(join(folder, name, 'metrics.jsonl'), `${JSON.stringify(epochOf(2))}\n`);
    runs.look(undefined, 0);
    assert.equal(
      runs.entries.map((run) => run.epochs),
      [2, 1, 1],
      'until it is read again, a run is as it was',
    );
  });
});

test('a summary may contain anything', async () => {
  await inFolder((folder) => {
    for (const [i, text] of ['null', '[]', '{}', '{"final": 3}', '{"status": {"a": 1}}', '7'].entries()) {
      putRun(folder, `run${i}`, 1);
      put(folder, `run${i}/summary.json`, text);
    }
    const runs = new RunsFolder(folder);
    runs.look();
    for (const run of runs.entries) {
      assert.type(run.status, 'string');
      assert.ok(run.testTop1 === null);
    }
  });
});

test("a run's own folder shows that run, and a folder that is gone shows none", async () => {
  await inFolder((folder) => {
    putRun(folder, 'a', 1);
    putRun(folder, 'b', 1);
    const one = new RunsFolder(join(folder, 'b'));
    one.look();
    assert.equal(
      one.entries.map((run) => run.folder),
      ['b'],
    );
    assert.equal(one.curves(one.entries[0]!.id)!.epoch, [1]);
    const gone = new RunsFolder(join(folder, 'gone'));
    assert.not.ok(gone.look());
    assert.equal(gone.entries, []);
  });
});

test("the training's own run is left out", async () => {
  await inFolder((folder) => {
    putRun(folder, 'a', 1);
    putRun(folder, 'b', 1, false);
    const runs = new RunsFolder(folder);
    runs.look(join(folder, 'b'));
    assert.equal(
      runs.entries.map((run) => run.folder),
      ['a'],
    );
  });
});

test('links are not followed, and unreadable entries do no harm', async () => {
  await inFolder((folder) => {
    putRun(folder, 'out/secret', 1);
    putRun(folder, 'runs/a', 1);
    symlinkSync(join(folder, 'out/secret'), join(folder, 'runs/link'));
    symlinkSync(join(folder, 'runs'), join(folder, 'runs/loop'));
    writeFileSync(join(folder, 'runs/a/metrics.jsonl'), '');
    chmodSync(join(folder, 'runs/a/metrics.jsonl'), 0);
    const runs = new RunsFolder(join(folder, 'runs'));
    runs.look();
    assert.equal(
      runs.entries.map((run) => run.folder),
      ['a'],
    );
  });
});

test.run();
