import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConfig } from '#lockstep/config/load.js';
import { openFile, readWholeFile } from '#lockstep/files/open-file.js';
import { readSafetensorsHeader } from '#lockstep/tensors/safetensors.js';
import { dataFault, inFolder, put, sourceOf } from './data-helpers.js';

const files = suite('files to read');

files('one that is larger than it may be is refused before it is read', () =>
  inFolder((folder) => {
    const path = put(folder, 'file', 'abcd');
    assert.is(readWholeFile(path, 4).toString(), 'abcd');
    assert.throws(() => readWholeFile(path, 3), /it has 4 bytes, more than the 3 that it may have/);
  }),
);

files('what is no file is refused, and nobody waits for a pipe or reads a device without end', () =>
  inFolder(async (folder) => {
    assert.throws(() => openFile(folder), /no file but a folder/);
    if (process.platform === 'win32') return console.log('skipped: Windows has no pipes among its files');
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
