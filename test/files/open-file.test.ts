import { execFileSync } from 'node:child_process';
import { constants, linkSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConfig } from '#lockstep/config/load.js';
import { openFile, openOwnFile, readWholeFile } from '#lockstep/files/open-file.js';
import { readSafetensorsHeader } from '#lockstep/tensors/safetensors.js';
import { dataFault, inFolder, put, sourceOf } from '../support/data-helpers.js';
import { needing } from '../support/needing.js';

const files = suite('files to read');

files('a file larger than the limit is refused before it is read', () =>
  inFolder((folder) => {
    const path = put(folder, 'file', 'abcd');
    assert.is(readWholeFile(path, 4).toString(), 'abcd');
    assert.throws(() => readWholeFile(path, 3), /it has 4 bytes, and 3 is the most that is read/);
  }),
);

const onLinux = needing(files, 'Linux', process.platform === 'linux');

onLinux('an endless file that claims to be empty is read up to the limit', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'config.json');
    symlinkSync('/proc/self/pagemap', path);
    assert.throws(
      () => readWholeFile(path, 100_000),
      /it has more than 100000 bytes, and 100000 is the most/,
    );
    assert.throws(
      () => loadConfig(path),
      /config.json: the config cannot be read: it has more than 8388608 bytes/,
    );
    assert.is(readWholeFile('/proc/self/status').toString('latin1').slice(0, 5), 'Name:');
  }),
);

files("lockstep's own files must not be links or have a second name", () =>
  inFolder((folder) => {
    const path = put(folder, 'file', 'abcd');
    const link = join(folder, 'link');
    symlinkSync(path, link);
    assert.is(readWholeFile(link).toString(), 'abcd');
    assert.throws(() => readWholeFile(link, 9, { links: false }), /it is a link, and expected is a file/);
    assert.throws(() => openOwnFile(link, constants.O_RDWR), /it is a link, and expected is a file/);
    rmSync(link);
    linkSync(path, link);
    assert.is(readWholeFile(link, 9, { links: false }).toString(), 'abcd');
    assert.throws(() => openOwnFile(link, constants.O_RDWR), /it has 2 names \(hard links\)/);
  }),
);

needing(
  files,
  'pipes among the files',
  process.platform !== 'win32',
)('what is no file is refused, and nobody waits for a pipe or reads a device without end', () =>
  inFolder(async (folder) => {
    assert.throws(() => openFile(folder), /no file but a folder/);
    for (const name of ['train.txt', 'all.csv', 'train.tar']) {
      const set = join(folder, `set of ${name}`);
      mkdirSync(set);
      execFileSync('mkfifo', [join(set, name)]);
      assert.match(await dataFault(() => sourceOf(set)), `${name}: cannot be read: it is no file but a pipe`);
    }
    assert.throws(() => openFile('/dev/zero'), /no file but a device/);
    assert.throws(() => loadConfig('/dev/zero'), /\/dev\/zero: the config cannot be read: it is no file/);
    assert.match(await dataFault(() => readSafetensorsHeader('/dev/zero')), 'it is no file but a device');
  }),
);

files.run();
