import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inFolder } from '../support/data-helpers.js';

/** A Node that is too old is told so: it says an old version, and no file is read that it might not understand. */
const versions = suite('the version of Node');

for (const entry of ['train.js', 'lockstep.js']) {
  for (const [version, isGood] of [
    ['18.20.8', false],
    ['20.18.3', false],
    ['20.19.0', true],
    ['22.0.0', true],
  ] as const) {
    versions(`${entry} on Node ${version}`, () =>
      inFolder(async (folder) => {
        const old = join(folder, 'old.cjs');
        writeFileSync(
          old,
          `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`,
        );
        const path = fileURLToPath(new URL(`../../${entry}`, import.meta.url));
        const { status, stderr, stdout } = spawnSync(process.execPath, ['-r', old, path, '--help'], {
          encoding: 'utf8',
        });
        if (isGood) return assert.is(status, 0, stderr);
        assert.equal(
          { status, stderr, stdout },
          {
            status: 5,
            stderr: `error: lockstep needs Node 20.19 or newer, and this is Node ${version}: https://nodejs.org\n`,
            stdout: '',
          },
        );
      }),
    );
  }
}

versions.run();
