import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from 'assemblyscript/asc';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { root } from '../support/engine-helpers.js';

const signatures = suite('the signatures of the kernels');

const text = readFileSync(join(root, 'src/kernels/signatures.ts'), 'utf8');

signatures('are what `npm run build:kernels` makes of the kernels', async () => {
  const { options } = JSON.parse(readFileSync(join(root, 'src/kernels/asconfig.json'), 'utf8')) as {
    options: { enable: string[] };
  };
  const written: string[] = [];
  const transform = join(root, 'src/kernels/write-signatures.js');
  const { error, stderr } = await main(
    ['src/kernels/index.as.ts', '--baseDir', root, '--noEmit', '--transform', transform]
      .concat(['--runtime', 'stub', '--importMemory', '--sharedMemory', '--maximumMemory', '1'])
      .concat(options.enable.flatMap((feature) => ['--enable', feature])),
    {
      // A file that is as it should be is not written: it is hidden.
      readFile: (name, folder) => {
        if (name.endsWith('signatures.ts')) return null;
        try {
          return readFileSync(join(folder, name), 'utf8');
        } catch {
          return null;
        }
      },
      writeFile: (_, content) => void written.push(String(content)),
    },
  );
  assert.is(error, null, stderr.toString());
  assert.is(written[0], text, 'src/kernels/signatures.ts is not what the kernels say: npm run build:kernels');
});

signatures('name every export of the module that was built, with as many parameters', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  const bytes = readFileSync(join(root, 'dist/kernels/kernels.wasm'));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const parameters = ([name, list]: [string, string]) => [name, list.split(':').length - 1];
  const said = [...text.matchAll(/^ {2}(\w+)\(([^)]*)\): /gm)].map((m) => parameters([m[1]!, m[2]!]));
  const built = Object.entries(exports).map(([name, f]) => [name, (f as { length: number }).length]);
  assert.ok(built.length > 40);
  assert.equal(said.sort(), built.sort());
});

signatures.run();
