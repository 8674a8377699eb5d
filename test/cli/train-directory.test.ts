import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { identityOf } from '#lockstep/files/process-identity.js';
import { isTemporary, temporaryName } from '#lockstep/files/temporary.js';
import {
  commandSuite,
  lockstep,
  readJson,
  train,
  trainBadly,
  trainWell,
} from '../support/command-helpers.js';

/** Run directories that hold what they should not, or less. */

const directories = commandSuite('train: what a run directory holds');

directories('nothing that a link of the run directory points to is written or read', async (context) => {
  const folder = context.folder();
  const run = join(folder, 'run');
  await trainWell(folder, '--out', 'run', '--epochs', '1');
  const outside = join(folder, 'outside');
  for (const name of [
    'step-losses.f64',
    'log.jsonl',
    'metrics.jsonl',
    'checkpoint.safetensors',
    'best.safetensors',
    'summary.json',
    'config.json',
  ]) {
    const path = join(run, name);
    renameSync(path, outside);
    const content = readFileSync(outside);
    symlinkSync(outside, path);
    const { code, stderr } = await train(
      folder,
      '--resume',
      'run',
      '--epochs',
      '2',
      '--log-format',
      'pretty',
    );
    assert.ok(code === 2 || code === 3 || code === 5, `${name}: exit code ${code}\n${stderr}`);
    assert.match(stderr, new RegExp(`^error: run/${name}.*it is a link`, 'm'));
    assert.equal(readFileSync(outside), content, name);
    rmSync(path);
    renameSync(outside, path);
  }
  // A second name of the same file.
  linkSync(join(run, 'log.jsonl'), outside);
  assert.match(await trainBadly(folder, 5, '--resume', 'run', '--epochs', '2'), /log\.jsonl.*2 names/);
  rmSync(outside);
  mkdirSync(outside);
  symlinkSync(outside, join(run, 'tensorboard'));
  const message = await trainBadly(folder, 5, '--resume', 'run', '--epochs', '2', '--tensorboard');
  assert.match(message, 'run/tensorboard cannot be written: it is a link');
  assert.equal(readdirSync(outside), []);
  rmSync(join(run, 'tensorboard'));
  const { code, stderr } = await train(folder, '--resume', 'run', '--epochs', '2', '--log-format', 'pretty');
  assert.is(code, 0, stderr);
});

directories(
  'a run that was cut off before its config was there begins anew by the same command',
  async (context) => {
    const folder = context.folder();
    const dead = identityOf().replace(/-\d+-/, '-4194305-');
    const left = (name: string) => temporaryName(name).replace(identityOf(), dead);
    // As each of its first file operations leaves it.
    const states = [
      [],
      ['log.jsonl'],
      ['log.jsonl', left('claim')],
      [left('claim'), 'log.jsonl', left('config.json')],
    ];
    const hashes: string[] = [];
    for (const [i, names] of states.entries()) {
      const out = `run${i}`;
      mkdirSync(join(folder, out));
      for (const name of names) writeFileSync(join(folder, out, name), '');
      await trainWell(folder, '--out', out);
      assert.not.ok(readdirSync(join(folder, out)).some((name) => name.endsWith('.tmp')));
      hashes.push(readJson(folder, out, 'summary.json').weightsSha256);
    }
    assert.is(new Set(hashes).size, 1);
    // Anything else is somebody's.
    mkdirSync(join(folder, 'mine'));
    for (const name of ['log.jsonl', 'notes.txt']) writeFileSync(join(folder, 'mine', name), '');
    assert.match(await trainBadly(folder, 2, '--config', 'config.json', '--out', 'mine'), 'is not empty');
    assert.ok(existsSync(join(folder, 'mine/notes.txt')));
  },
);

directories('but for its log, its config is the first file that a run has', async (context) => {
  const folder = context.folder();
  mkdirSync(join(folder, 'run'));
  const names: string[] = [];
  const watcher = watch(join(folder, 'run'), (_, name) => {
    if (name !== null && !isTemporary(name) && !names.includes(name)) names.push(name);
  });
  try {
    await trainWell(folder, '--out', 'run', '--epochs', '1');
    while (!names.includes('summary.json')) await sleep(10);
  } finally {
    watcher.close();
  }
  // Whatever is there before it would be in the way of the same command.
  assert.equal(names.slice(0, 2), ['log.jsonl', 'config.json']);
  assert.ok(names.includes('step-losses.f64'), 'they are written while it trains');
  // With these two it can be resumed.
  mkdirSync(join(folder, 'cut'));
  for (const name of names.slice(0, 2)) copyFileSync(join(folder, 'run', name), join(folder, 'cut', name));
  const { code, stderr } = await train(folder, '--resume', 'cut');
  assert.is(code, 0, stderr);
  const hashOf = (out: string) => readJson(folder, out, 'summary.json').weightsSha256;
  assert.is(hashOf('cut'), hashOf('run'));
});

/** A file with a hole as large as one tensor, by its name and shape: nothing is on the disk. */
function putSparse(path: string, name: string, shape: readonly number[]): void {
  const size = shape.reduce((product, side) => product * side, 4);
  const header = Buffer.from(
    JSON.stringify({
      __metadata__: { epoch: '1' },
      [name]: { dtype: 'F32', shape, data_offsets: [0, size] },
    }),
  );
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(path, Buffer.concat([prefix, header]));
  truncateSync(path, 8 + header.length + size);
}

directories('weights that are too large for the network are refused by their header', async (context) => {
  const folder = context.folder();
  await trainWell(folder, '--out', 'run', '--epochs', '1');
  await trainWell(folder, '--out', 'other', '--epochs', '1');
  const best = join(folder, 'run/best.safetensors');
  const resume = ['train', '--resume', 'run', '--epochs', '2'];
  for (const [name, shape, expected, commands] of [
    [
      'x',
      [10_000_000_000],
      'x is not in this network',
      [resume, ['diff', 'run', 'other'], ['verify', 'run'], ['evaluate', 'run']],
    ],
    [
      'velocity.conv1.bias',
      [1_500_000_000],
      'velocity.conv1.bias is 1500000000; this network needs 4',
      [resume],
    ],
    [
      'conv1.bias',
      [1_500_000_000],
      'found no layer to take',
      [['train', '--config', 'config.json', '--init', 'run/best.safetensors']],
    ],
  ] as const) {
    putSparse(best, name, shape);
    for (const args of commands) {
      const { code, stderr } = await lockstep(folder, ...args);
      assert.ok(code === 2 || code === 3, `${args}: exit code ${code}\n${stderr}`);
      assert.match(stderr, "run/best.safetensors does not fit the config's network");
      assert.match(stderr, expected);
    }
  }
});

directories.run();
