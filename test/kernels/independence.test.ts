import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { root } from '../support/engine-helpers.js';

const sources = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => ({ name: join(folder, name), text: readFileSync(join(root, folder, name), 'utf8') }));

const independence = suite('the kernels');

independence("are compiled with flags of V8 that one file sets, for they are the whole process's", () => {
  const files = ['src', 'workers'].flatMap(sources).filter(({ text }) => text.includes('setFlagsFromString'));
  assert.equal(
    files.map(({ name }) => name),
    ['src/platform/v8-flags.ts'],
  );
});

independence.run();
