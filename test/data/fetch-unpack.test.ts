import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Bounds, unpack } from '#lockstep/data/fetch/unpack.js';
import { dataFault, inFolder, put } from '../support/data-helpers.js';
import { noise, type TarEntry, tarOf, type ZipEntry, zipOf } from '../support/fetch-helpers.js';

const test = suite('unpacking');

const most: Bounds = { entries: 10, bytes: 1_000_000 };
type Form = keyof typeof unpack;

/** Unpacks the archive into `folder/into`, which is made. */
async function unpackInto(folder: string, form: Form, archive: Uint8Array, bounds = most): Promise<string[]> {
  const into = join(folder, 'into');
  mkdirSync(into);
  const progress: string[] = [];
  await unpack[form](put(folder, `archive.${form}`, archive), into, bounds, (done, total) =>
    progress.push(`${done}/${total}`),
  );
  return progress;
}

const content = noise(5000);
const good = [
  { path: 'set/' },
  { path: 'set/a.bin', content },
  { path: 'set/deep/er/b.txt', content: 'b\n' },
  { path: 'empty.txt' },
];
const archives: Record<
  Form,
  (entries: readonly { path: string; content?: string | Uint8Array }[]) => Buffer
> = {
  'tar.gz': (entries) =>
    tarOf(entries.map((entry) => (entry.path.endsWith('/') ? { ...entry, type: 'Directory' } : entry))),
  zip: zipOf,
};

for (const form of ['tar.gz', 'zip'] as const) {
  test(`${form}: files and folders, with progress`, () =>
    inFolder(async (folder) => {
      assert.equal(await unpackInto(folder, form, archives[form](good)), ['1/4', '2/4', '3/4', '4/4']);
      const into = join(folder, 'into');
      assert.equal(readdirSync(into).sort(), ['empty.txt', 'set']);
      assert.ok(readFileSync(join(into, 'set/a.bin')).equals(content));
      assert.is(readFileSync(join(into, 'set/deep/er/b.txt'), 'utf8'), 'b\n');
      assert.is(statSync(join(into, 'empty.txt')).size, 0);
    }));

  test(`${form}: a path out of the folder is refused, and nothing is written there`, async () => {
    const absolute = (folder: string) => join(folder, 'out.txt');
    for (const path of ['../out.txt', 'set/../../out.txt', absolute, '..']) {
      await inFolder(async (folder) => {
        const archive = archives[form]([
          { path: 'first.txt', content: 'fine' },
          { path: typeof path === 'string' ? path : path(folder), content: 'x' },
        ]);
        const message = await dataFault(() => unpackInto(folder, form, archive));
        assert.match(message, new RegExp(`archive\\.${form}.*(leads out of the folder|path)`));
        assert.equal(readdirSync(folder).sort(), [`archive.${form}`, 'into']);
      });
    }
  });

  test(`${form}: more entries, or more bytes, than the dataset has, are refused`, async () => {
    const archive = archives[form](good);
    const faults: [Bounds, RegExp][] = [
      [{ entries: 3, bytes: 10_000 }, /one entry more than the 3 expected/],
      [{ entries: 4, bytes: 5001 }, /5002 bytes, more than the 5001 expected/],
    ];
    for (const [bounds, says] of faults) {
      await inFolder(async (folder) => {
        assert.match(await dataFault(() => unpackInto(folder, form, archive, bounds)), says);
      });
    }
    await inFolder(async (folder) => {
      await unpackInto(folder, form, archive, { entries: 4, bytes: 5002 });
    });
  });

  test(`${form}: an archive that is none, or is cut short, is refused`, async () => {
    const archive = archives[form](good);
    for (const bytes of [Buffer.from('no archive at all'), archive.subarray(0, archive.length >> 1)]) {
      await inFolder(async (folder) => {
        assert.match(await dataFault(() => unpackInto(folder, form, bytes)), 'cannot be unpacked: ');
      });
    }
  });
}

test('tar.gz: links and devices are refused before anything is written', async () => {
  const odd: TarEntry[] = [
    { path: 'link', type: 'SymbolicLink', linkpath: '/etc' },
    { path: 'link', type: 'SymbolicLink', linkpath: 'fine.txt' },
    { path: 'link', type: 'Link', linkpath: 'fine.txt' },
    { path: 'pipe', type: 'FIFO' },
  ];
  for (const entry of odd) {
    await inFolder(async (folder) => {
      const archive = tarOf([{ path: 'fine.txt', content: 'fine' }, entry]);
      const message = await dataFault(() => unpackInto(folder, 'tar.gz', archive));
      assert.match(message, `"${entry.path}" is a ${entry.type}; expected files and folders alone`);
      assert.equal(readdirSync(join(folder, 'into')), []);
    });
  }
});

test('zip: a link is refused', () =>
  inFolder(async (folder) => {
    const archive = zipOf([{ path: 'link', content: '/etc', mode: 0o120777 }]);
    assert.match(
      await dataFault(() => unpackInto(folder, 'zip', archive)),
      '"link" is a SymbolicLink; expected',
    );
    assert.equal(readdirSync(join(folder, 'into')), []);
  }));

test('zip: a file larger or smaller than declared is refused', async () => {
  const bomb: ZipEntry = { path: 'bomb', content: new Uint8Array(50_000_000), says: 100 };
  const short: ZipEntry = { path: 'short', content: 'abc', says: 4 };
  for (const entry of [bomb, short]) {
    await inFolder(async (folder) => {
      const message = await dataFault(() => unpackInto(folder, 'zip', zipOf([entry])));
      assert.match(message, /too many bytes in the stream|not enough bytes in the stream/);
      assert.ok(statSync(join(folder, 'into', entry.path)).size <= 100);
    });
  }
});

test('zip: repeated names, a name of both file and folder, and names with a backslash, a drive or a NUL are refused', async () => {
  const names = [['a', 'a'], ['a', 'a/b'], ['a/', 'a'], ['a\\b'], ['C:/a'], ['a\0']];
  for (const paths of names) {
    await inFolder(async (folder) => {
      const archive = zipOf(paths.map((path) => ({ path, content: 'x' })));
      assert.match(
        await dataFault(() => unpackInto(folder, 'zip', archive)),
        'archive.zip: cannot be unpacked',
      );
    });
  }
});

test.run();
