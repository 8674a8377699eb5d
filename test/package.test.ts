import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tar from 'tar';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readJson } from './support/command-helpers.js';
import { needing } from './support/needing.js';

/** What `npm pack` makes, as a user installs it. */
const pack = suite('the package');

const root = fileURLToPath(new URL('../..', import.meta.url));
const npm = (folder: string, ...args: string[]) =>
  execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const folder = mkdtempSync(join(tmpdir(), 'lockstep-package-'));
pack.after(() => rmSync(folder, { recursive: true, force: true }));

// Without its scripts: what is built is there, and other tests use it.
const said = npm(root, 'pack', '--ignore-scripts', '--json', '--pack-destination', folder);
const [packed] = Object.values(JSON.parse(said)) as [{ filename: string; files: { path: string }[] }];
const tarball = join(folder, packed.filename);
const files = packed.files.map(({ path }) => path);

pack('holds what a user needs', () => {
  for (const needed of [
    'README.md',
    'LICENSE',
    'package.json',
    'configs/improved.json',
    'configs/tuned/improved.json',
    'dist/lockstep.js',
    'dist/train.js',
    'dist/index.d.ts',
    'dist/config.schema.json',
    'dist/search.schema.json',
    'dist/kernels/kernels.wasm',
    'dist/workers/train.js',
    'dist/workers/infer.js',
    'dist/views/dashboard/page.js',
    'dist/views/dashboard/page.css',
    'dist/views/pages/browser/sort-tables.js',
  ]) {
    assert.ok(files.includes(needed), needed);
  }
});

pack('and nothing else', () => {
  const known =
    /^(dist|configs|docs)\/|^(README|CONTRIBUTING)\.md$|^LICENSE$|^package\.json$|^data\/README\.md$/;
  const others = files.filter(
    (file) =>
      !known.test(file) ||
      /^dist\/(test|bench|examples)\/|^(?!docs\/).*\.(map|ts|tsbuildinfo)$/.test(
        file.replace(/\.d\.ts$/, ''),
      ),
  );
  assert.equal(others, []);
});

pack('has no script that npm would run, or ask about, where it is installed', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
    assert.is(scripts[name], undefined, name);
});

const bin = (name: string) => join(root, 'node_modules/.bin', name);
for (const [name, ...args] of [
  ['publint', 'run', '--strict'],
  // A CommonJS program imports it by import(), as Node's own documentation has it.
  ['attw', '--profile', 'esm-only'],
] as const) {
  pack(`${name} finds nothing`, () => {
    const { stdout, status } = spawnSync(bin(name), [...args, tarball], { encoding: 'utf8' });
    assert.is(status, 0, stdout);
    assert.not.match(stdout, /Suggestions:|Warnings:|Errors:/);
  });
}

/** A program in a package of its own, beside the packed lockstep and the packages that its types need. */
function consumer(...types: string[]): string {
  const at = mkdtempSync(join(folder, 'consumer-'));
  const lockstep = join(at, 'node_modules/lockstep');
  mkdirSync(lockstep, { recursive: true });
  tar.x({ file: tarball, cwd: lockstep, strip: 1, sync: true });
  mkdirSync(join(at, 'node_modules/@types'));
  for (const name of ['zod', ...types])
    symlinkSync(join(root, 'node_modules', name), join(at, 'node_modules', name));
  writeFileSync(join(at, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(at, 'program.ts'),
    `import { fit, UserError, openRun, type ResolvedConfig } from 'lockstep';
    export const parts = (config: ResolvedConfig, error: UserError) => [fit, openRun, config.name, error.exitCode];
    // @ts-expect-error: its name is a string, so these types are not just any
    export const notNumber = (config: ResolvedConfig): number => config.name;`,
  );
  return at;
}

for (const [module, moduleResolution] of [
  ['node16', 'node16'],
  ['esnext', 'bundler'],
] as const) {
  for (const [types, target, lib] of [
    [[], 'es2020', 'es2020,dom'],
    // Of Node's own types, some are of later years than 2020.
    [['@types/node', 'undici-types'], 'es2022', 'es2022'],
  ] as const) {
    pack(
      `${moduleResolution}, ${types[0] ?? 'no types of Node'}: a strict program compiles, its libraries checked`,
      () => {
        const { stdout, status } = spawnSync(
          process.execPath,
          [
            join(root, 'node_modules/typescript/bin/tsc'),
            ...['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'],
            ...['--skipLibCheck', 'false', '--target', target, '--lib', lib],
            ...['--module', module, '--moduleResolution', moduleResolution],
            ...(types.length > 0 ? ['--types', 'node'] : ['--types', '']),
            'program.ts',
          ],
          { cwd: consumer(...types), encoding: 'utf8' },
        );
        assert.is(stdout, '');
        assert.is(status, 0);
      },
    );
  }
}

const user = join(folder, 'user');
mkdirSync(user);
writeFileSync(join(user, 'package.json'), '{"private":true}');

function install(): { isReached: boolean; said: string } {
  const { status, stderr, stdout } = spawnSync(
    'npm',
    ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball],
    { cwd: user, encoding: 'utf8' },
  );
  const isReached = status === 0 || !/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|network/i.test(stderr);
  if (isReached && status !== 0) throw new Error(stderr);
  return { isReached, said: stdout + stderr };
}

const { isReached, said: saidAtInstall } = install();
const installed = needing(pack, "npm's registry", isReached);

installed('npm installs it without a word of scripts', () => {
  assert.not.match(saidAtInstall, /script/i);
});

installed('trains in an empty folder, by npx', () => {
  const few = '{"seed":1,"trainPerClass":2,"validationPerClass":1,"testPerClass":1}';
  const args = [
    '--config',
    'node_modules/lockstep/configs/lenet5.json',
    '--epochs',
    '1',
    '--set',
    `data.generate=${few}`,
  ];
  npm(user, 'exec', '--no', '--', 'lockstep', 'train', ...args, '--out', 'run');
  assert.is(readJson(user, 'run/summary.json').status, 'completed');
  npm(user, 'exec', '--no', '--', 'lockstep', 'report', 'run');
  // "Repeat it" prints what this user has: the commands that npx runs, and as they stand.
  const page = readFileSync(join(user, 'run/report.html'), 'utf8');
  const [verify, train] = [...page.matchAll(/<pre>(npx lockstep [^<]*)<\/pre>/g)].map(
    ([, command]) => command!,
  );
  assert.is(verify, 'npx lockstep verify run');
  assert.is(train, 'npx lockstep train --config run/config.json');
  for (const command of [verify!, train!]) {
    const [, name, ...words] = command.split(' ');
    npm(user, 'exec', '--no', '--', name!, ...words);
  }
});

pack.run();
