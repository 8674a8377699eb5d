import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readJson } from './command-helpers.js';

/** What `npm pack` makes, as a user installs it. */
const pack = suite<{ folder: string; tarball: string; files: string[] }>('the package');

const root = fileURLToPath(new URL('../..', import.meta.url));
const npm = (folder: string, ...args: string[]) =>
  execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

pack.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'lockstep-package-'));
  // Without its scripts: what is built is there, and other tests use it.
  const said = npm(root, 'pack', '--ignore-scripts', '--json', '--pack-destination', context.folder);
  const [packed] = Object.values(JSON.parse(said)) as [{ filename: string; files: { path: string }[] }];
  context.tarball = join(context.folder, packed.filename);
  context.files = packed.files.map(({ path }) => path);
});
pack.after(({ folder }) => rmSync(folder, { recursive: true, force: true }));

pack('holds what a user needs', ({ files }) => {
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
    'dist/kernels/kernels.wasm',
    'dist/workers/train.js',
    'dist/workers/infer.js',
    'dist/dashboard/page.js',
    'dist/dashboard/page.css',
    'dist/pages/browser/sort-tables.js',
  ]) {
    assert.ok(files.includes(needed), needed);
  }
});

pack('and nothing else', ({ files }) => {
  const known =
    /^(dist|configs|docs)\/|^(README|CONTRIBUTING)\.md$|^LICENSE$|^package\.json$|^data\/README\.md$/;
  const others = files.filter(
    (file) =>
      !known.test(file) || /^dist\/(test|bench)\/|\.(map|ts|tsbuildinfo)$/.test(file.replace(/\.d\.ts$/, '')),
  );
  assert.equal(others, []);
});

pack('trains in an empty folder, by npx', ({ folder, tarball }) => {
  const user = join(folder, 'user');
  mkdirSync(user);
  writeFileSync(join(user, 'package.json'), '{"private":true}');
  try {
    npm(user, 'install', '--no-audit', '--no-fund', '--prefer-offline', tarball);
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr);
    if (!/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|network/i.test(said)) throw error;
    console.log('npm has no registry here: the package is not installed');
    return;
  }
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
  assert.ok(existsSync(join(user, 'run/report.html')));
});

pack.run();
