import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { commandSuite, readJson, tinyConfig, trainWell } from '../support/command-helpers.js';
import { type Failure, failingSystem } from '../support/failing-system.js';
import { hang, needing } from '../support/needing.js';

/** What the system refuses says nothing about an image: it is never left out for it, and packing goes on from there. */

const faults = commandSuite('a system that fails');
const system = failingSystem();
const fault = needing(faults, 'Linux and a C compiler (cc)', system !== undefined);
faults.after(() => system?.close());

/** Runs `lockstep COMMAND` while a call fails. */
function failing(folder: string, failure: Failure, ...args: readonly string[]) {
  const entry = fileURLToPath(new URL('../../lockstep.js', import.meta.url));
  const { status, stderr, stdout } = spawnSync(process.execPath, [entry, ...args], {
    cwd: folder,
    env: system!.environment(failure),
    encoding: 'utf8',
    timeout: hang,
  });
  return { code: status, stderr, stdout };
}

const image = 'images/c3/2.png';
const skipping = ['train', '--config', 'config.json', '--log-format', 'pretty', '--skip-bad-images'];

for (const { error, call } of [
  { error: 'EIO', call: 'read' },
  { error: 'EMFILE', call: 'open' },
  { error: 'EACCES', call: 'open' },
] as const) {
  fault(`${error} at an image stops the packing, and drops nothing`, async (context) => {
    const folder = context.folder();
    const { code, stderr } = failing(folder, { path: image, call, error }, ...skipping);
    assert.is(code, 5, stderr);
    assert.match(
      stderr,
      `${image}: the machine failed while it was read, which says nothing about the image`,
    );
    assert.match(stderr, error);
    const packed = join(folder, 'data/packed');
    assert.equal(
      readdirSync(packed).filter((name) => name.endsWith('.safetensors')),
      [],
    );
    await trainWell(folder, '--skip-bad-images', '--out', 'after');
    const whole = context.folder();
    await trainWell(whole, '--out', 'whole');
    const hashes = [
      [folder, 'after'],
      [whole, 'whole'],
    ].map(([at, run]) => readJson(at!, run!, 'summary.json').weightsSha256);
    assert.is(hashes[0], hashes[1]);
  });
}

fault('the same error stops data inspect and predict', async (context) => {
  const folder = context.folder();
  await trainWell(folder, '--out', 'run');
  const failure = { path: image, call: 'read', error: 'EIO' } as const;
  for (const args of [
    ['data', 'inspect', context.dataset, '--no-sheet'],
    ['predict', 'run', join(context.dataset, 'images')],
  ]) {
    const { code, stderr } = failing(folder, failure, ...args);
    assert.is(code, 5, `${args[0]}: ${stderr}`);
    assert.match(stderr, /the machine failed while it was read.*EIO/);
  }
});

fault('a packed file that cannot be read is a UserError, and the file is kept', async (context) => {
  const data = { ...tinyConfig(context.dataset).data, cache: 'packed' };
  const folder = context.folder({ ...tinyConfig(context.dataset), data });
  await trainWell(folder, '--out', 'run');
  const packed = () => readdirSync(join(folder, 'packed'));
  const before = packed();
  for (const command of [
    ['train', '--config', 'config.json', '--log-format', 'pretty'],
    ['evaluate', 'run'],
  ]) {
    // After so many reads each: of the header, the index, labels, samples.
    for (const after of [0, 7, 20]) {
      const failure = { path: 'packed/set-', call: 'read', error: 'EIO', after, times: 1 } as const;
      const { code, stderr } = failing(folder, failure, ...command);
      assert.ok(code === 5 || code === 0, `${command[0]}, after ${after}: exit code ${code}: ${stderr}`);
      if (code === 5) assert.match(stderr, /^error: .*packed\/set-.*cannot be read: EIO/);
      else assert.ok(after > 7, `${command[0]}: nothing failed after ${after} reads`);
      assert.equal(packed(), before);
    }
  }
  assert.ok(existsSync(join(folder, 'run/summary.json')));
});

for (const [file, ...command] of [
  ['best.safetensors', 'evaluate', 'run'],
  ['model.safetensors', 'predict', 'run', 'picture.png', '--weights', 'last'],
  ['checkpoint.safetensors', 'train', '--resume', 'run', '--epochs', '4', '--log-format', 'pretty'],
  ['step-losses.f64', 'verify', 'run'],
  ['model.safetensors', 'diff', 'run', 'run'],
  ['config.json', 'report', 'run'],
  ['metrics.jsonl', 'evaluate', 'run'],
  ['summary.json', 'compare', 'run'],
] as const) {
  fault(`EIO at a run's ${file} ends ${command[0]} with exit code 5 and its name`, async (context) => {
    const folder = context.folder();
    await trainWell(folder, '--out', 'run');
    copyFileSync(join(context.dataset, 'images/c0/0.png'), join(folder, 'picture.png'));
    const { code, stderr } = failing(folder, { path: `run/${file}`, call: 'read', error: 'EIO' }, ...command);
    assert.is(code, 5, stderr);
    assert.match(stderr, new RegExp(`^error: .*${file}.*EIO`, 'm'));
    assert.not.match(stderr, /^\s+at /m);
  });
}

faults.run();
