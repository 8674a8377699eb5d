import { mkdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PackedDataset } from '#lockstep/data/dataset.js';
import { fingerprintOf } from '#lockstep/data/fingerprint.js';
import { openDataset } from '#lockstep/data/open.js';
import { stampsOf } from '#lockstep/data/packed/image-identities.js';
import { settled, stampOf } from '#lockstep/files/stamp.js';
import { inFolder, pixelsConfig, plain, put, samplesOf, sourceOf } from '../support/data-helpers.js';

/** What has changed is packed anew, however little shows it. */

const stale = suite('stale samples');
const options = { threads: 1 };

const png = (level: number) =>
  plain([level, level, level]).png({ compressionLevel: 0, palette: false }).toBuffer();
const levelOf = (data: PackedDataset) => samplesOf(data, 'train')[0]![0];
const lists = (dir: string) => {
  for (const list of ['train.txt', 'val.txt', 'test.txt']) put(dir, list, 'a.png 0\n');
};

/** Writes both in one tick of the clock, if that can be done: then they have the same times. */
function writeTogether(paths: readonly string[], contents: readonly Uint8Array[]): boolean {
  for (let attempt = 0; attempt < 2000; attempt++) {
    for (const [i, path] of paths.entries()) writeFileSync(path, contents[i]!);
    const times = paths.map((path) => statSync(path, { bigint: true }));
    if (times[0]!.ctimeNs === times[1]!.ctimeNs && times[0]!.mtimeNs === times[1]!.mtimeNs) return true;
  }
  return false;
}

/** Whole seconds, of which nothing is lost on the way to the system: of a change the time of change alone tells. */
const keepTime = (path: string) => utimesSync(path, 1_700_000_000, 1_700_000_000);

stale("a stamp is reliable once the clock has left the tick of the file's last change", async () => {
  for (const [ago, ticks] of [
    [0n, 20n],
    [5n, 15n],
  ] as const) {
    const now = BigInt(Date.now());
    const changed = (now - ago) * 1_000_000n + 1n;
    assert.ok(await settled(changed));
    assert.ok(BigInt(Date.now()) >= now + ticks);
  }
  const ahead = BigInt(Date.now() + 3_600_000) * 1_000_000n + 1n;
  assert.not.ok(await settled(ahead));
});

stale(
  'two datasets with the same names, sizes and times, one after the other in the same folder, are told apart',
  () =>
    inFolder(async (folder) => {
      const config = pixelsConfig(folder);
      const other = join(folder, 'other');
      for (const dir of [config.dir, other]) {
        mkdirSync(dir);
        lists(dir);
      }
      const together = writeTogether(
        [join(config.dir, 'a.png'), join(other, 'a.png')],
        [await png(10), await png(20)],
      );
      if (!together) console.log('no two files got the same time: the inode alone is not tried here');
      assert.is(levelOf(await openDataset(config, options)), 10);
      renameSync(config.dir, join(folder, 'first'));
      renameSync(other, config.dir);
      assert.is(levelOf(await openDataset(config, options)), 20);
    }),
);

stale('two folders of the same name share a cache', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    const dirs = ['a/set', 'b/set'].map((dir) => join(folder, dir));
    for (const dir of dirs) lists(dir);
    writeTogether(
      dirs.map((dir) => join(dir, 'a.png')),
      [await png(10), await png(20)],
    );
    for (const [i, dir] of dirs.entries()) {
      assert.is(levelOf(await openDataset({ ...config, dir }, options)), 10 * (i + 1));
    }
  }),
);

stale('a file that is changed in place right after its stamp was taken has another stamp', () =>
  inFolder(async (folder) => {
    const [before, after] = [await png(10), await png(20)];
    lists(folder);
    for (let round = 0; round < 20; round++) {
      const path = put(folder, 'a.png', before);
      keepTime(path);
      const source = await sourceOf(folder);
      const first = (await stampsOf(source)).train;
      writeFileSync(path, after);
      keepTime(path);
      assert.not.equal((await stampsOf(source)).train, first, `round ${round}`);
    }
  }),
);

stale('a stamp contains inode, device and time of the last change of any kind', () =>
  inFolder((folder) => {
    const path = put(folder, 'a', 'a');
    utimesSync(path, 1000, 1000);
    const { size, mtimeNs, ctimeNs, ino, dev } = statSync(path, { bigint: true });
    assert.equal(stampOf(path), { size, content: mtimeNs, any: ctimeNs, inode: ino, device: dev });
  }),
);

stale("where the file's clock is ahead, the contents are compared", () =>
  inFolder(async (folder) => {
    const path = put(folder, 'a.png', await png(10));
    lists(folder);
    const source = await sourceOf(folder);
    // Its time of change cannot be set; a clock that is behind is the same.
    const { now } = Date;
    Date.now = () => now() - 3_600_000;
    try {
      const first = await stampsOf(source);
      assert.equal(await stampsOf(source), first);
      assert.is.not(first.train[7], 0n);
      writeFileSync(path, await png(20));
      assert.is.not((await stampsOf(source)).train[7], first.train[7]);
    } finally {
      Date.now = now;
    }
  }),
);

stale('gzipped IDX files that change without a change of size and time are unzipped again', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder, 4, 4);
    // Stored, not compressed: as long whatever they hold.
    const zip = (bytes: Buffer) => gzipSync(bytes, { level: 0 });
    const images = (level: number) => {
      const header = Buffer.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 4]);
      return zip(Buffer.concat([header, Buffer.alloc(32, level)]));
    };
    const labels = zip(Buffer.from([0, 0, 8, 1, 0, 0, 0, 2, 0, 1]));
    for (const split of ['train', 'val', 't10k']) {
      put(config.dir, `${split}-images-idx3-ubyte.gz`, images(10));
      put(config.dir, `${split}-labels-idx1-ubyte.gz`, labels);
    }
    const path = join(config.dir, 'train-images-idx3-ubyte.gz');
    keepTime(path);
    const first = await openDataset(config, options);
    assert.is(images(20).length, readFileSync(path).length);
    writeFileSync(path, images(20));
    keepTime(path);
    const second = await openDataset(config, options);
    assert.is(levelOf(second), 20);
    assert.is.not(fingerprintOf(second), fingerprintOf(first));
    const { path: again } = await openDataset({ ...config, cache: join(folder, 'other') }, options);
    assert.equal(readFileSync(again), readFileSync(second.path), 'unzipped anew it looks the same');
  }),
);

stale.run();
