import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type FetchOptions, fetchDataset } from '#lockstep/data/fetch/fetch.js';
import { type KnownDataset, knownDatasets } from '#lockstep/data/fetch/known.js';
import { ExitCode } from '#lockstep/errors.js';
import { temporaryName } from '#lockstep/files/temporary.js';
import { inFolder, put } from '../support/data-helpers.js';
import {
  impatient,
  noise,
  type Served,
  serve,
  sha256,
  tarOf,
  userFault,
  withServer,
  zipOf,
} from '../support/fetch-helpers.js';
import { hang } from '../support/needing.js';

const test = suite('data fetch');
const { usage, data, environment } = ExitCode;

type Files = Readonly<Record<string, Uint8Array>>;

/** Answers with the file of the request's path. */
const serving =
  (files: Files): RequestListener =>
  (request, response) => {
    const file = files[request.url!.slice(1)];
    if (file === undefined) response.writeHead(404).end();
    else serve(file, request, response);
  };

/** The known dataset, but of these files. */
function madeUp(known: KnownDataset, files: Files, contents = known.contents): KnownDataset {
  const rows = Object.entries(files).map(([name, file]) => ({
    name,
    bytes: file.length,
    sha256: sha256(file),
  }));
  return { ...known, files: rows, contents };
}

const text = (...path: string[]) => readFileSync(join(...path), 'utf8');

/** IDX files of a few bytes, by the names of the real ones. */
const idxFiles: Files = Object.fromEntries(
  knownDatasets.mnist.files.map(({ name }, i) => [name, noise(1000 + i)]),
);
const fashion = madeUp(
  knownDatasets['fashion-mnist'],
  idxFiles,
  Object.fromEntries(Object.entries(idxFiles).map(([name, file]) => [name, file.length])),
);

/** Fetches made-up Fashion-MNIST into `folder/set` from the server. */
const fetchFashion = (folder: string, { base }: Served, options: FetchOptions = {}) =>
  fetchDataset('fashion-mnist', fashion, join(folder, 'set'), {
    from: base,
    patience: impatient,
    ...options,
  });

test('IDX files are stored unchanged, with class names; a second fetch does nothing', () =>
  inFolder((folder) =>
    withServer(serving(idxFiles), async (served) => {
      const progress: string[] = [];
      const onProgress: FetchOptions['onProgress'] = ({ phase, done, total }) =>
        progress.push(`${phase} ${done}/${total}`);
      assert.is(await fetchFashion(folder, served, { onProgress }), true);
      assert.equal(readdirSync(folder), ['set']);
      assert.equal(readdirSync(join(folder, 'set')).sort(), ['classes.txt', ...Object.keys(idxFiles).sort()]);
      for (const [name, file] of Object.entries(idxFiles)) {
        assert.ok(readFileSync(join(folder, 'set', name)).equals(file));
      }
      const classes = text(folder, 'set/classes.txt').split('\n');
      assert.equal([classes.length, classes[0], classes[9]], [11, 'T-shirt/top', 'Ankle boot']);
      assert.is(progress[0], 'downloading 0/4006');
      assert.is(progress.filter((line) => line === 'downloading 4006/4006').length, 1);

      const asked = served.paths.length;
      assert.is(await fetchFashion(folder, served), false);
      assert.is(served.paths.length, asked);
    }),
  ));

test('an archive of CIFAR is unpacked below the folder', () =>
  inFolder((folder) => {
    const files = {
      'cifar-10-binary.tar.gz': tarOf([
        { path: 'cifar-10-batches-bin/', type: 'Directory' },
        { path: 'cifar-10-batches-bin/test_batch.bin', content: noise(3073) },
      ]),
    };
    const known = madeUp(knownDatasets.cifar10, files, { 'cifar-10-batches-bin/test_batch.bin': 3073 });
    return withServer(serving(files), async ({ base }) => {
      const dir = join(folder, 'not/yet/there');
      const phases = new Set<string>();
      const onProgress: FetchOptions['onProgress'] = ({ phase, done, total }) => {
        if (done === total) phases.add(phase);
      };
      // An address without a slash at its end.
      const from = base.slice(0, -1);
      assert.is(await fetchDataset('cifar10', known, dir, { from, patience: impatient, onProgress }), true);
      assert.equal([...phases], ['downloading', 'unpacking']);
      assert.equal(readdirSync(join(dir, '..')), ['there']);
      assert.ok(readFileSync(join(dir, 'cifar-10-batches-bin/test_batch.bin')).equals(noise(3073)));
      assert.is(await fetchDataset('cifar10', known, dir), false);
    });
  }));

test('Tiny ImageNet gets lists in the order of wnids.txt, and names from words.txt', () =>
  inFolder((folder) => {
    const root = 'tiny-imagenet-200';
    const files = {
      'tiny-imagenet-200.zip': zipOf([
        { path: `${root}/` },
        { path: `${root}/wnids.txt`, content: 'n3\nn1\nn2\nn4' },
        {
          path: `${root}/words.txt`,
          content: 'n0\tentity\nn1\tcrane\nn2\tgoldfish, Carassius auratus\nn3\tcrane, hoist\n',
        },
        { path: `${root}/train/n3/n3_boxes.txt`, content: 'n3_0.JPEG\t0\t0\t1\t1\n' },
        { path: `${root}/train/n3/images/n3_1.JPEG`, content: 'c' },
        { path: `${root}/train/n3/images/n3_0.JPEG`, content: 'b' },
        { path: `${root}/train/n1/images/n1_0.JPEG`, content: 'a' },
        { path: `${root}/train/n2/images/n2_0.JPEG`, content: 'd' },
        { path: `${root}/train/n4/images/n4_0.JPEG`, content: 'e' },
        { path: `${root}/val/images/val_0.JPEG`, content: 'f' },
        { path: `${root}/val/images/val_1.JPEG`, content: 'g' },
        {
          path: `${root}/val/val_annotations.txt`,
          content: 'val_1.JPEG\tn2\t0\t0\t1\t1\nval_0.JPEG\tn3\t0\t0\t1\t1\n',
        },
        { path: `${root}/test/images/test_0.JPEG`, content: 'h' },
      ]),
    };
    const known = madeUp(knownDatasets['tiny-imagenet'], files);
    return withServer(serving(files), async ({ base }) => {
      const dir = join(folder, 'set');
      const options = { from: base, patience: impatient };
      assert.is(await fetchDataset('tiny-imagenet', known, dir, options), true);
      assert.equal(readdirSync(dir).sort(), ['classes.txt', root, 'train.txt', 'val.txt']);
      assert.is(text(dir, 'classes.txt'), 'crane, hoist\ncrane\ngoldfish\nn4\n');
      assert.is(
        text(dir, 'train.txt'),
        `${root}/train/n3/images/n3_0.JPEG 0\n${root}/train/n3/images/n3_1.JPEG 0\n` +
          `${root}/train/n1/images/n1_0.JPEG 1\n${root}/train/n2/images/n2_0.JPEG 2\n` +
          `${root}/train/n4/images/n4_0.JPEG 3\n`,
      );
      assert.is(text(dir, 'val.txt'), `${root}/val/images/val_1.JPEG 2\n${root}/val/images/val_0.JPEG 0\n`);
      assert.is(text(dir, `${root}/train/n3/images/n3_1.JPEG`), 'c');
      assert.is(await fetchDataset('tiny-imagenet', known, dir, options), false);
    });
  }));

test('an annotation of an unknown class: exit code data, and no folder is left', () =>
  inFolder((folder) => {
    const files = {
      'tiny-imagenet-200.zip': zipOf([
        { path: 'tiny-imagenet-200/wnids.txt', content: 'n1' },
        { path: 'tiny-imagenet-200/words.txt', content: 'n1\tcrane' },
        { path: 'tiny-imagenet-200/train/n1/images/n1_0.JPEG', content: 'a' },
        { path: 'tiny-imagenet-200/val/val_annotations.txt', content: 'val_0.JPEG\tn9\t0' },
      ]),
    };
    return withServer(serving(files), async ({ base }) => {
      const message = await userFault(data, () =>
        fetchDataset('tiny-imagenet', madeUp(knownDatasets['tiny-imagenet'], files), join(folder, 'set'), {
          from: base,
        }),
      );
      assert.match(message, /val_annotations\.txt:1: found class "n9", expected one of wnids\.txt/);
      assert.equal(readdirSync(folder), ['set.tiny-imagenet-download']);
    });
  }));

test('after a failure the next call resumes from the downloaded files', () =>
  inFolder(async (folder) => {
    const [first, second, ...others] = Object.keys(idxFiles) as [string, string, ...string[]];
    await withServer(
      (request, response) => {
        if (request.url === `/${second}`) {
          response.writeHead(200, { 'content-length': idxFiles[second]!.length });
          response.write(idxFiles[second]!.subarray(0, 400), () => response.destroy());
        } else serving(idxFiles)(request, response);
      },
      async (served) => {
        const once = { ...impatient, tries: 1 };
        const message = await userFault(environment, () => fetchFashion(folder, served, { patience: once }));
        assert.match(message, /400 of 1001 bytes are kept/);
        assert.equal(readdirSync(folder), ['set.fashion-mnist-download']);
        const kept = readdirSync(join(folder, 'set.fashion-mnist-download'));
        assert.equal(kept.sort(), [first, `${second}.part`]);
      },
    );
    // As a killed process leaves it: half unpacked, and with its claim.
    put(abandoned(join(folder, 'set')), 'half', '');
    put('', abandoned(join(folder, 'set.fashion-mnist-download/claim')), '');
    await withServer(serving(idxFiles), async (served) => {
      assert.is(await fetchFashion(folder, served), true);
      assert.equal(readdirSync(folder), ['set']);
      assert.equal(
        served.paths,
        [second, ...others].map((name) => `/${name}`),
      );
      assert.is(served.ranges[0], 'bytes=400-');
    });
  }));

/** A temporary name of a process that has ended. */
const abandoned = (path: string) => temporaryName(path).replace(`-${process.pid}-`, '-4194305-');

test('of two fetches at once the second one gets an error, and the first one succeeds', () =>
  inFolder((folder) =>
    withServer(
      (request, response) => setTimeout(() => serving(idxFiles)(request, response), 50),
      async (served) => {
        const first = fetchFashion(folder, served);
        const message = await userFault(environment, () => fetchFashion(folder, served));
        assert.match(message, /this process is writing there already.*delete .*claim\./);
        assert.is(await first, true);
        assert.equal(readdirSync(folder), ['set']);
      },
    ),
  ));

test('a folder with other content is refused before any request', () =>
  inFolder((folder) =>
    withServer(serving(idxFiles), async (served) => {
      for (const name of ['notes.md', 'a', 'b', Object.keys(idxFiles)[0]!])
        put(folder, `set/${name}`, 'mine');
      const message = await userFault(usage, () => fetchFashion(folder, served));
      assert.match(message, /set: found "a", "b", "notes\.md", and 1 more, which is no whole fashion-mnist/);
      rmSync(join(folder, 'set'), { recursive: true });
      put(folder, 'set', 'a file');
      assert.match(
        await userFault(environment, () => fetchFashion(folder, served)),
        'set cannot be written: ENOTDIR',
      );
      assert.equal(served.paths, []);
      assert.is(text(folder, 'set'), 'a file');
    }),
  ));

test('an empty folder is filled, also behind a link', () =>
  inFolder((folder) =>
    withServer(serving(idxFiles), async (served) => {
      mkdirSync(join(folder, 'disk/set'), { recursive: true });
      symlinkSync('disk/set', join(folder, 'set'));
      assert.is(await fetchFashion(folder, served), true);
      assert.ok(readdirSync(join(folder, 'disk/set')).includes('classes.txt'));
      assert.equal(readdirSync(join(folder, 'disk')), ['set']);
    }),
  ));

test('an archive with a path out of the folder: exit code data, and nothing is left of it', () =>
  inFolder((folder) => {
    const files = { 'cifar-10-binary.tar.gz': tarOf([{ path: '../out', content: 'x' }]) };
    return withServer(serving(files), async ({ base }) => {
      const message = await userFault(data, () =>
        fetchDataset('cifar10', madeUp(knownDatasets.cifar10, files), join(folder, 'set'), { from: base }),
      );
      assert.match(message, '"../out" leads out of the folder');
      assert.equal(readdirSync(folder), ['set.cifar10-download']);
    });
  }));

test('the known datasets name each file once, with an address and a SHA-256', () => {
  const seen = new Set<string>();
  for (const { base, files, form } of Object.values<KnownDataset>(knownDatasets)) {
    assert.match(base, /^https?:\/\/.*\/$/);
    for (const { name, bytes, sha256 } of files) {
      assert.ok(form === 'file' || name.endsWith(`.${form}`));
      assert.ok(bytes > 4000 && Number.isInteger(bytes));
      assert.match(sha256, /^[0-9a-f]{64}$/);
      seen.add(sha256);
    }
  }
  assert.is(seen.size, 11);
});

const entry = fileURLToPath(new URL('../../lockstep.js', import.meta.url));

/** `lockstep data fetch` as a user runs it. */
function command(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [entry, 'data', 'fetch', ...args], { timeout: hang });
  const ended = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      ended[stream] += chunk;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...ended }));
  });
}

test('the command: exit codes and messages', () =>
  inFolder((folder) =>
    withServer(
      (request, response) =>
        request.url!.startsWith('/none/')
          ? response.writeHead(404).end()
          : response.end('<html>log in</html>'),
      async ({ base }) => {
        const set = join(folder, 'set');
        const [unknown, missing, address, gone, other] = await Promise.all([
          command('mnst', set),
          command('mnist'),
          command('mnist', set, '--from', 'file:///etc'),
          command('mnist', set, '--from', `${base}none`),
          command('cifar10', set, '--from', base, '--quiet'),
        ]);
        assert.equal([unknown.code, missing.code, address.code, gone.code, other.code], [2, 2, 2, 5, 3]);
        assert.match(unknown.stderr, /Given: "mnst", Choices: "mnist", "fashion-mnist"/);
        assert.match(address.stderr, '--from is "file:///etc", but needs an http or https address');
        assert.match(gone.stderr, /^error: .*none\/train-images-idx3-ubyte\.gz: the server answered 404/);
        assert.match(other.stderr, /^error: .*offers 19 bytes, expected 170052171: it is another file/);

        for (const [path, bytes] of Object.entries(knownDatasets.mnist.contents)) {
          truncateSync(put(set, path, ''), bytes!);
        }
        const there = await command('mnist', set, '--from', base);
        assert.equal(there, { code: 0, stdout: `mnist is already in ${set}\n`, stderr: '' });
        assert.is((await command('mnist', set, '--quiet')).stdout, '');
        assert.is((await command('cifar10', set)).code, 2);
      },
    ),
  ));

test('Ctrl-C keeps the downloaded part for the next call', () =>
  inFolder((folder) => {
    const { name, bytes } = knownDatasets.mnist.files[0]!;
    const came = noise(500_000);
    return withServer(
      (_, response) => {
        response.writeHead(200, { 'content-length': bytes });
        response.write(came); // and the rest never
      },
      async ({ base }) => {
        const set = join(folder, 'set');
        const part = join(folder, 'set.mnist-download', `${name}.part`);
        const child = spawn(process.execPath, [entry, 'data', 'fetch', 'mnist', set, '--from', base]);
        const ended = new Promise((resolve) => child.on('close', (_, signal) => resolve(signal)));
        while (statSync(part, { throwIfNoEntry: false })?.size !== came.length) await wait(10);
        child.kill('SIGINT');
        assert.is(await ended, 'SIGINT');
        assert.ok(readFileSync(part).equals(came));
        assert.not.ok(existsSync(set));
      },
    );
  }));

test.run();
