import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inFolder } from './data-helpers.js';
import { readResult } from './result.js';

/** Test files as uvu runs them, and what the runner makes of them. */
const results = suite('the result of a test file');

const needing = new URL('./needing.js', import.meta.url).href;
const programs = {
  'one passes': [`test('a', () => {});`, { passed: 1, failed: 0, skipped: 0, missing: [] }],
  'one of two fails': [
    `test('a', () => {}); test('b', () => { throw new Error('no'); });`,
    { passed: 1, failed: 1, skipped: 0, missing: [] },
  ],
  'one is left out, with its reason': [
    `test('a', () => {}); needing(test, 'a browser', false)('b', () => { throw new Error('no'); });`,
    { passed: 1, failed: 0, skipped: 1, missing: ['a browser'] },
  ],
  'all are left out, and nothing is set up for them': [
    `const of = needing(test, 'root', false); of.before(() => { throw new Error('no'); }); of('a', () => {}); of('b', () => {});`,
    { passed: 0, failed: 0, skipped: 2, missing: ['root', 'root'] },
  ],
  'what is needed is there': [
    `needing(test, 'a browser', true)('b', () => {});`,
    { passed: 1, failed: 0, skipped: 0, missing: [] },
  ],
  'one is left out without a reason': [
    `test('a', () => {}); test.skip('b', () => {});`,
    { passed: 1, failed: 1, skipped: 1, missing: [] },
  ],
  'nothing is tested': ['', { passed: 0, failed: 1, skipped: 0, missing: [] }],
  'it ends early': [`test('a', () => process.exit(0));`, { passed: 0, failed: 1, skipped: 0, missing: [] }],
  'it breaks': [`throw new Error('no');`, { passed: 0, failed: 1, skipped: 0, missing: [] }],
} as const;

for (const [name, [program, expected]] of Object.entries(programs)) {
  results(name, () =>
    inFolder(async (folder) => {
      const path = join(folder, 'a.test.mjs');
      const uvu = import.meta.resolve('uvu');
      writeFileSync(
        path,
        `import { test } from '${uvu}'; import { needing } from '${needing}'; ${program}; test.run();`,
      );
      const { status, stdout, stderr } = spawnSync(process.execPath, [path], { encoding: 'utf8' });
      assert.equal(readResult(status, stripVTControlCharacters(stdout + stderr)), expected);
    }),
  );
}

results.run();
