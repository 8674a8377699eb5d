import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { root } from '../support/engine-helpers.js';

const sources = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!\.as|\.d)\.tsx?$/.test(name))
    .map((name) => join(folder, name));

/** A file as it runs: without its types, and what is imported for them alone. */
const compiled = (file: string) =>
  readFileSync(join(root, file.replace(/^src/, 'dist').replace(/\.tsx?$/, '.js')), 'utf8');

const importsOf = (text: string) =>
  [/^(?:import|export)\s(?:[\w\s{},*$]*\sfrom\s)?'([^']+)'/gm, /\bimport\('([^']+)'\)/g].flatMap((kind) =>
    [...text.matchAll(kind)].map(([, from]) => from!),
  );

const resolved = (file: string, from: string) => join(file, '..', from).replace(/\.js$/, '.ts');

/** What Node's programs find without an import, and a browser's do not. */
const globals = /\b(?:process|Buffer|global)\.\w|\b(?:Buffer|require|setImmediate)\(|__(?:dirname|filename)/;

/** Why a file, or what it imports, is bound to Node: a line each, with the way there. */
function bonds(roots: readonly string[]): string[] {
  const ways = new Map(roots.map((file) => [file, file]));
  const found: string[] = [];
  for (const [file, way] of ways) {
    const text = compiled(file);
    const used = globals.exec(text)?.[0];
    if (used !== undefined) found.push(`${way} uses ${used}`);
    for (const from of importsOf(text)) {
      if (!from.startsWith('.')) found.push(`${way} imports ${from}`);
      else if (!ways.has(resolved(file, from)))
        ways.set(resolved(file, from), `${way} > ${resolved(file, from)}`);
    }
  }
  return found;
}

const core = ['graph', 'compile', 'runtime', 'kernels'].flatMap((folder) => sources(join('src', folder)));

const independence = suite('the core');

independence('graph, compile, runtime and kernels, and all that they import, know nothing of Node', () => {
  assert.ok(core.length > 60, `${core.length} files`);
  assert.equal(bonds(core), []);
});

independence('a dependency on Node is detected, however indirect', () => {
  assert.equal(bonds(['src/platform/memory.ts']), [
    'src/platform/memory.ts > src/platform/machine.ts uses process.p',
    'src/platform/memory.ts > src/platform/machine.ts imports node:fs',
  ]);
  assert.ok(bonds(['src/platform/node-engine.ts']).some((bond) => / > .* > .* imports piscina$/.test(bond)));
});

independence('the kernels import nothing from the layers above', () => {
  for (const file of core.filter((name) => name.startsWith('src/kernels'))) {
    for (const from of importsOf(compiled(file))) {
      const imported = relative('src', resolved(file, from));
      assert.match(imported, /^(kernels|numerics|config\/activations)/, `${file} imports ${from}`);
    }
  }
});

independence('V8 flags, which apply to the whole process, are set in one module only', () => {
  const files = ['src', 'workers'].flatMap(sources);
  const setting = files.filter((name) =>
    readFileSync(join(root, name), 'utf8').includes('setFlagsFromString'),
  );
  assert.equal(setting, ['src/platform/v8-flags.ts']);
});

independence.run();
