import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConfig } from '#lockstep/config/load.js';
import { configSchema, type SourceType } from '#lockstep/config/schema.js';
import { openSource } from '#lockstep/data/sources/open.js';
import { ExitCode, UserError } from '#lockstep/errors.js';
import { textOf } from '#lockstep/files/text.js';
import { tinyConfig } from '../support/command-helpers.js';
import { inFolder } from '../support/data-helpers.js';

const test = suite('text files');

const utf16 = (text: string, mark = '\uFEFF') => Buffer.from(mark + text, 'utf16le');
const bigEndian = (text: string, mark = '\uFEFF') => utf16(text, mark).swap16();

/** How an editor saves a text that is not UTF-8, and what is said of it. */
const encodings: Record<string, { save(text: string): Buffer; says: string }> = {
  'UTF-16': { save: (text) => utf16(text), says: 'is UTF-16; save it as UTF-8' },
  'UTF-16, big endian': { save: (text) => bigEndian(text), says: 'is UTF-16; save it as UTF-8' },
  'UTF-16 without a mark': { save: (text) => utf16(text, ''), says: 'is UTF-16; save it as UTF-8' },
  'UTF-16, big endian, without a mark': {
    save: (text) => bigEndian(text, ''),
    says: 'is UTF-16; save it as UTF-8',
  },
};

const latin1 = (text: string) => Buffer.from(text, 'latin1');

const read = (dir: string, source: SourceType | 'auto') =>
  openSource(
    configSchema.shape.data.parse({ dir, source, features: { type: 'pixels', width: 1, height: 1 } }),
    { whole: true },
  );

async function fault(exitCode: number, body: () => unknown): Promise<string> {
  try {
    await body();
  } catch (error) {
    assert.instance(error, UserError, (error as Error).stack);
    assert.is((error as UserError).exitCode, exitCode);
    return (error as Error).message;
  }
  throw new Error('expected a UserError');
}

const files: Record<string, { source: SourceType; name: string; text: string }> = {
  'a list': { source: 'lists', name: 'train.txt', text: 'a.png ä\nb.png b\n' },
  'a csv file': { source: 'csv', name: 'train.csv', text: 'path,label\na.png,ä\nb.png,b\n' },
  'names of classes': { source: 'folders', name: 'classes.txt', text: 'ä\nb\n' },
};

function put(folder: string, name: string, bytes: Uint8Array): void {
  for (const each of ['ä', 'b']) {
    mkdirSync(join(folder, each));
    writeFileSync(join(folder, each, '1.png'), '');
  }
  writeFileSync(join(folder, name), bytes);
}

for (const [what, { source, name, text }] of Object.entries(files)) {
  for (const [encoding, { save, says }] of Object.entries(encodings)) {
    test(`${what} in ${encoding} is refused`, () =>
      inFolder(async (folder) => {
        put(folder, name, save(text));
        for (const form of [source, 'auto'] as const) {
          assert.match(
            await fault(ExitCode.data, () => read(folder, form)),
            `${join(folder, name)}: ${says}`,
          );
        }
      }));
  }

  test(`${what} in Latin-1 is refused, with the line`, () =>
    inFolder(async (folder) => {
      put(folder, name, latin1(text));
      const line = text.split('\n').findIndex((each) => each.includes('ä')) + 1;
      const message = await fault(ExitCode.data, () => read(folder, source));
      assert.match(message, join(folder, name));
      assert.match(message, 'is not UTF-8');
      assert.match(message, new RegExp(`line ${line}|:${line}: `));
    }));

  test(`${what} with a byte order mark is read as one without`, () =>
    inFolder(async (folder) => {
      put(folder, name, Buffer.from(`\uFEFF${text}`));
      const { classes } = await read(folder, source);
      assert.equal(classes.toSorted(), ['b', 'ä']);
    }));
}

for (const [encoding, { save, says }] of Object.entries(encodings)) {
  test(`a config in ${encoding} is refused`, () =>
    inFolder(async (folder) => {
      const file = join(folder, 'c.json');
      writeFileSync(file, save(JSON.stringify(tinyConfig('x'))));
      assert.is(await fault(ExitCode.usage, () => loadConfig(file)), `${file}: the config ${says}`);
    }));
}

test('a config in Latin-1 is refused, and one with a byte order mark is read', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'c.json');
    writeFileSync(file, latin1(JSON.stringify(tinyConfig('Bäume'), null, 2)));
    assert.is(
      await fault(ExitCode.usage, () => loadConfig(file)),
      `${file}: the config is not UTF-8, first in line 4; save it as UTF-8`,
    );
    writeFileSync(file, `\uFEFF${JSON.stringify(tinyConfig('Bäume'))}`);
    assert.is(loadConfig(file).data.dir, 'Bäume');
  }));

test('a very short text is read correctly', () => {
  for (const text of ['', 'a', 'ab', '\0', '\0\0\0\0', '中文', '😀'])
    assert.is(textOf(Buffer.from(text)), text);
  assert.is(textOf(Buffer.from('\uFEFFä')), 'ä', 'without its mark');
});

test('a config of more layers than any network has is one fault', () =>
  inFolder(async (folder) => {
    const config = tinyConfig('x');
    const file = join(folder, 'c.json');
    const layers = Array.from({ length: 300_000 }, () => ({ type: 'relu' }));
    writeFileSync(file, JSON.stringify({ ...config, model: { layers } }));
    assert.is(
      await fault(ExitCode.usage, () => loadConfig(file)),
      `${file} has 1 fault:\n  model.layers: found a list of 300000; expected a list of 1 to 1000`,
    );
  }));

test.run();
