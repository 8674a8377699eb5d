import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { root } from '../support/engine-helpers.js';

const sources = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => ({ name: join(folder, name), text: readFileSync(join(root, folder, name), 'utf8') }));

const independence = suite('the kernels');

independence('know nothing of Node, nor of what lies above them', () => {
  for (const { name, text } of sources('src/kernels')) {
    assert.not.match(text, /\b(process|Buffer)\./, name);
    for (const [, from] of text.matchAll(/^(?:import|export)[^;]*?from '([^']+)'/gm)) {
      const file = normalize(join(name, '..', from!));
      assert.ok(
        from!.startsWith('.') && /^src\/(kernels|numerics|config\/activations)/.test(file),
        `${name} imports ${from}`,
      );
    }
  }
});

independence("are compiled with flags of V8 that one file sets, for they are the whole process's", () => {
  const files = ['src', 'workers'].flatMap(sources).filter(({ text }) => text.includes('setFlagsFromString'));
  assert.equal(
    files.map(({ name }) => name),
    ['src/platform/v8-flags.ts'],
  );
});

independence.run();
