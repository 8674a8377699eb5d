import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  existsSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DataConfig } from '#lockstep/config/schema.js';
import type { PackedDataset } from '#lockstep/data/dataset.js';
import { type DataProgress, type OpenOptions, openDataset } from '#lockstep/data/open.js';
import { damagedSamples } from '#lockstep/data/packed/checksums.js';
import { Journal } from '#lockstep/data/packed/journal.js';
import { contentsOf, readPacked } from '#lockstep/data/packed/packed.js';
import { halvesOf, IdentityTable } from '#lockstep/data/packed/reusable-samples.js';
import { nobody } from '#lockstep/files/process-identity.js';
import { temporaryName } from '#lockstep/files/temporary.js';
import { readSafetensorsHeader } from '#lockstep/tensors/safetensors.js';
import { dataFault, inFolder, pixelsConfig, plain, put, putDataset } from '../support/data-helpers.js';

const packing = suite('packing');

/** Opens the dataset, and says what it took. */
async function opened(config: DataConfig, options: Partial<OpenOptions> & { onDone?: () => void } = {}) {
  let last: DataProgress | undefined;
  const warnings: string[] = [];
  const data = await openDataset(config, {
    threads: 2,
    onProgress: (progress) => {
      last = progress;
      if (progress.done === progress.total) options.onDone?.();
    },
    onWarning: (message) => warnings.push(message),
    ...options,
  });
  return {
    data,
    total: last?.total ?? 0,
    decoded: last === undefined ? 0 : last.done - last.reused!,
    warnings,
  };
}

/** What packing gives where nothing was packed before. */
async function anew(config: DataConfig, folder: string): Promise<Buffer> {
  const cache = join(folder, `cache-${readdirSync(folder).length}`);
  return readFileSync((await openDataset({ ...config, cache }, { threads: 1 })).path);
}

const draftsIn = (cache: string) =>
  existsSync(cache) ? readdirSync(cache).filter((name) => name.endsWith('.draft')) : [];

/** Packs in another process, and kills it once its journal claims something. */
async function packAndKill(config: DataConfig): Promise<void> {
  const open = new URL('../../data/open.js', import.meta.url).href;
  const script = `import(${JSON.stringify(open)}).then((m) => m.openDataset(${JSON.stringify(config)}, { threads: 1 }))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: 'inherit' });
  const ended = once(child, 'exit');
  const claims = () => {
    const [draft] = draftsIn(config.cache);
    const journal = join(config.cache, draft ?? '', 'journal');
    return draft !== undefined && existsSync(journal) && statSync(journal).size > 1;
  };
  while (child.exitCode === null && !claims()) await sleep(10);
  assert.is(child.exitCode, null, 'the other process is still packing');
  child.kill('SIGKILL');
  await ended;
}

packing('after a kill, packing resumes, to the same bytes', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder, 32, 32);
    const noise = Uint8Array.from(
      { length: 600 * 600 * 3 },
      (_, i) => (Math.imul(i, 0x9e3779b1) >>> 24) & 255,
    );
    const raw = { width: 600, height: 600, channels: 3 } as const;
    putDataset(config.dir, { '0.jpg': await sharp(noise, { raw }).jpeg().toBuffer() });
    const names = Array.from({ length: 1500 }, (_, i) => `${i}.jpg`);
    for (const name of names.slice(1)) linkSync(join(config.dir, '0.jpg'), join(config.dir, name));
    put(config.dir, 'train.txt', names.map((name) => `${name} 0\n`).join(''));
    await packAndKill(config);

    const [draft] = draftsIn(config.cache);
    const journal = join(config.cache, draft!, 'journal');
    const lines = readFileSync(journal, 'utf8')
      .split('\n')
      .filter((line) => line.endsWith(']'));
    const claims = lines.flatMap((line) => (JSON.parse(line) as [string, number, number[]])[2]);
    const claimed = claims.length;
    assert.ok(claimed > 0, 'no sample is claimed');
    appendFileSync(journal, '["train",1472,[1,2');
    let drafts: string[] = [];
    const { data, decoded, total } = await opened(config, {
      onDone: () => {
        drafts = draftsIn(config.cache);
      },
    });
    assert.equal(drafts.length, 1, 'the draft is taken over');
    assert.is(total, 1502);
    assert.ok(decoded > 0 && decoded <= total - claimed, `${decoded} of ${total} were decoded`);
    assert.equal(readdirSync(config.cache), [`set-${data.key.slice(0, 16)}.safetensors`]);
    assert.ok(readFileSync(data.path).equals(await anew(config, folder)), 'the same bytes');
  }),
);

/** Six images and, in every split, all of them. */
async function putSix(config: DataConfig): Promise<void> {
  const images: Record<string, Buffer> = {};
  for (let i = 0; i < 6; i++)
    images[`${i}.png`] = await plain([40 * i, 7, 255 - i])
      .png()
      .toBuffer();
  putDataset(config.dir, images);
}

packing('only what changed is decoded, to the same bytes', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    await putSix(config);
    assert.is((await opened(config)).decoded, 18);
    put(config.dir, '1.png', await plain([1, 1, 1]).png().toBuffer());
    put(config.dir, 'new.png', await plain([2, 2, 2]).png().toBuffer());
    // Another order, other labels, one image less and one more.
    put(config.dir, 'train.txt', ['4', '1', '0', 'new', '2'].map((name, i) => `${name}.png ${i}\n`).join(''));
    put(config.dir, 'val.txt', '5.png 3\n');
    put(config.dir, 'test.txt', '0.png 0\n1.png 1\n');
    const { data, decoded, total } = await opened(config);
    assert.is(total, 8);
    assert.is(decoded, 3, '1.png in train and test, new.png in train');
    assert.ok(readFileSync(data.path).equals(await anew(config, folder)), 'the same bytes');

    const other = await opened({ ...config, background: [0, 0, 0] });
    assert.is(other.decoded, 8, 'another background is another sample');
    assert.is((await opened({ ...config, skipBadImages: true })).decoded, 0);
  }),
);

packing('after a bad image is repaired, only that image is decoded', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    await putSix(config);
    const good = readFileSync(join(config.dir, '3.png'));
    put(config.dir, '3.png', 'no image');
    assert.match(await dataFault(() => opened(config)), /^3 images cannot be used/);
    assert.is(draftsIn(config.cache).length, 1, 'what is done is kept');
    put(config.dir, '3.png', good);
    const { data, decoded } = await opened(config);
    assert.is(decoded, 3);
    assert.equal(readdirSync(config.cache).length, 1, 'and not for longer than it is of use');
    assert.ok(readFileSync(data.path).equals(await anew(config, folder)), 'the same bytes');
  }),
);

packing('the most recent of the superseded packed files is kept', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    await putSix(config);
    const small = await opened({
      ...config,
      features: { type: 'pixels', width: 2, height: 4, normalize: 'mean' },
    });
    const made: PackedDataset[] = [];
    for (let i = 1; i <= 4; i++) {
      utimesSync(join(config.dir, '0.png'), i, i);
      const { data, decoded } = await opened(config);
      assert.is(decoded, i === 1 ? 18 : 3, 'another time of change is another image');
      made.push(data);
      utimesSync(made.at(-1)!.path, 1000 + i, 1000 + i);
    }
    const there = [small.data, ...made].map(({ path }) => existsSync(path));
    assert.equal(there, [true, false, false, true, true], 'and one of other settings');
  }),
);

/** The file with bit `bit` of byte `at` flipped. */
function flip(path: string, at: number, bit: number): void {
  const bytes = readFileSync(path);
  bytes[at]! ^= 1 << bit;
  writeFileSync(path, bytes);
}

packing('a flipped bit is detected at any place', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    await putSix(config);
    const { data } = await opened(config);
    const whole = readFileSync(data.path);
    assert.equal(damagedSamples(data), []);
    assert.equal(readPacked(data.path, data.key, config), data);
    const { train, validation, test } = data.splits;
    const samplesBegin = Math.min(train.samplesOffset, validation.samplesOffset, test.samplesOffset);
    assert.is(whole.length, samplesBegin + 18 * 48, 'the samples are the last');
    for (let at = 0; at < samplesBegin; at++) {
      flip(data.path, at, at % 8);
      assert.throws(
        () => readPacked(data.path, data.key, config),
        (error: Error) => error.message.includes(data.path),
        `byte ${at}`,
      );
      flip(data.path, at, at % 8);
    }
    for (const [split, { samplesOffset }] of Object.entries(data.splits)) {
      for (let index = 0; index < 6; index++) {
        const at = samplesOffset + 48 * index + 7 * index;
        flip(data.path, at, index);
        assert.equal(damagedSamples(data), [{ split, index }]);
        flip(data.path, at, index);
      }
    }
    assert.equal(readFileSync(data.path), whole);
  }),
);

packing('a damaged packed file is made again, with a warning, and reusable samples are not decoded', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    await putSix(config);
    const { data } = await opened(config);
    const whole = readFileSync(data.path);

    flip(data.path, data.splits.train.labelsOffset + 4, 0);
    const labels = await opened(config);
    assert.match(labels.warnings[0]!, /found other labels .* than were written. It is made again.$/);
    assert.is(labels.decoded, 18);
    assert.ok(readFileSync(data.path).equals(whole));

    flip(data.path, data.splits.validation.samplesOffset + 48, 7);
    assert.is((await opened(config)).warnings.length, 0, 'samples are verified by who reads them');
    const samples = await opened(config, { verify: true });
    assert.equal(samples.warnings, [
      `${data.path}: found 1 sample whose bytes are not those that were written: sample 1 of validation. It is made again.`,
    ]);
    assert.is(samples.decoded, 0, 'the training split has the same image');
    assert.ok(readFileSync(data.path).equals(whole));

    // Of all three splits.
    for (const { samplesOffset } of Object.values(data.splits)) flip(data.path, samplesOffset + 3 * 48, 1);
    const thrice = await opened(config, { verify: true });
    assert.match(thrice.warnings[0]!, /found 3 samples .* the first one sample 3 of train\. /);
    assert.is(thrice.decoded, 3);
    assert.ok(readFileSync(data.path).equals(whole));
    assert.is(readSafetensorsHeader(data.path).tensors.size, 15);
  }),
);

/** Writes the packed file anew, with other entries of its metadata, and the checksum of itself that it then has. */
function rewrite(path: string, metadata: Readonly<Record<string, string>>): void {
  const file = readFileSync(path);
  const begin = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, begin));
  const write = (more: object) => {
    const json = Buffer.from(
      JSON.stringify({ ...header, __metadata__: { ...header.__metadata__, ...more } }),
    );
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    writeFileSync(path, Buffer.concat([length, json, file.subarray(begin)]));
  };
  write({ ...metadata, contents: '0'.repeat(64) });
  write({ ...metadata, contents: contentsOf(path, readSafetensorsHeader(path)) });
}

packing(
  'a packed file whose metadata or labels cannot be true is refused, though its checksum is right',
  () =>
    inFolder(async (folder) => {
      const config = pixelsConfig(folder);
      putDataset(config.dir, { 'a.png': await plain([1, 2, 3]).png().toBuffer() });
      const { path, key } = await openDataset(config, { threads: 1 });
      const fault = (metadata: Record<string, string>) => {
        rewrite(path, metadata);
        return dataFault(() => readPacked(path, key, config));
      };
      const [count, sums] = ['1', ['9', '9', '9']];
      assert.match(await fault({ classes: 'null' }), 'its metadata has no classes');
      assert.match(await fault({ classes: '[]' }), 'a label of train that is none of its 0 classes');
      assert.match(await fault({ classes: '["a"]', skipped: 'x' }), 'its metadata has no skipped');
      assert.match(await fault({ skipped: '[]', trainSums: '{"count":1}' }), 'its metadata has no trainSums');
      const channels = {
        ...config,
        features: { ...config.features, normalize: 'channels' as const },
      } as DataConfig;
      rewrite(path, { trainSums: JSON.stringify({ count, sum: sums, squares: ['0', '0', '0'] }) });
      assert.match(await dataFault(() => readPacked(path, key, channels)), 'no pixels that there can be');
    }),
);

packing('a draft with a damaged header is not resumed', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    putDataset(config.dir, { 'a.png': await plain([1, 2, 3]).png().toBuffer() });
    const { data } = await opened(config);
    const draft = temporaryName(data.path, 'draft', nobody);
    const file = readFileSync(data.path, 'latin1').replace('"train.identities"', '"train.identitios"');
    put(draft, 'packed.safetensors', Buffer.from(file, 'latin1'));
    put(draft, 'journal', '["train",0,[1]]\n');
    rmSync(data.path);
    assert.is((await opened(config)).decoded, 3);
  }),
);

packing('an identity is found in spite of hash collisions, and of equal ones the first', () => {
  const identities = BigUint64Array.of(7n, 7n + (1n << 32n), 7n + (2n << 32n), 7n, 15n, 23n, 31n, 0n);
  const table = new IdentityTable(identities);
  const halves = halvesOf(identities);
  const found = Array.from(identities, (_, i) => table.find(halves[2 * i]!, halves[2 * i + 1]!));
  assert.equal(found, [0, 1, 2, 0, 4, 5, 6, 7]);
  assert.is(table.find(7, 3), -1);
  assert.is(new IdentityTable(new BigUint64Array(0)).find(0, 0), -1);
});

packing('a journal is closed once, even if its flush fails', () =>
  inFolder(async (folder) => {
    const nothing = 2 ** 20; // no descriptor that a process has
    const journal = new Journal(join(folder, 'journal'), nothing, () => {});
    journal.add('train', 0, [1], Uint8Array.of(0));
    await journal.close(true).then(
      () => assert.unreachable(),
      (error: NodeJS.ErrnoException) => assert.is(error.code, 'EBADF'),
    );
    const next = openSync(put(folder, 'next', ''), 'r'); // of the number that the journal had
    await journal.close(true);
    closeSync(next);
  }),
);

packing.run();
