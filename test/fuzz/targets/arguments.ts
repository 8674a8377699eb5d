import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { ExitCode } from '#lockstep/errors.js';
import { type Ended, runInProcess } from '../../support/command-line.js';
import { hang } from '../../support/needing.js';
import { extremes, oddTexts } from '../mutations.js';
import { target } from '../target.js';

/** Command lines of every command. There is a config and no dataset, so whatever is valid ends where it needs one. */

const config = {
  name: 'tiny',
  data: { dir: 'set', features: { type: 'pixels', width: 4, height: 4 } },
  model: { layers: [{ type: 'flatten' }, { type: 'dense', outFeatures: 2 }] },
  loss: { type: 'crossEntropy' },
  optimizer: { type: 'sgd', learningRate: 0.1 },
  training: { batchSize: 4, epochs: 1 },
};

const commands = [
  ['train'],
  ['profile'],
  ['data', 'inspect'],
  ['data', 'preview'],
  ['data', 'fetch'],
  ['data'],
  [],
];
const options = [
  ...[
    'config',
    'threads',
    'memory',
    'data',
    'seed',
    'batch-size',
    'set',
    'skip-bad-images',
    'epochs',
    'out',
    'init',
  ],
  ...[
    'log-format',
    'quiet',
    'steps',
    'trace',
    'kernels',
    'json',
    'source',
    'sheet',
    'per-class',
    'classes',
    'samples',
  ],
  ...[
    'from',
    'help',
    'version',
    'h',
    'get-yargs-completions',
    'constructor',
    '__proto__',
    'show-hidden',
    'batchSize',
  ],
];
const value = fc.oneof(
  fc.constantFrom(
    'config.json',
    'set',
    '.',
    'file.txt',
    'none/x',
    '1',
    '2',
    '1GB',
    'auto',
    'json',
    'seed=3',
    'a.b=1',
  ),
  // The system takes no NUL in an argument.
  fc.constantFrom(...extremes.map(String), ...oddTexts.filter((text) => !text.includes('\0'))),
  fc.nat(20_000).map((depth) => `seed=${'['.repeat(depth)}`),
);
/** Datasets that can be fetched. */
const known = ['mnist', 'cifar10'];
const option = fc.constantFrom(...options);
const token = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(option, value).map(([name, value]) => [`--${name}`, value]) },
  { weight: 3, arbitrary: fc.tuple(option, value).map(([name, value]) => [`--${name}=${value}`]) },
  { weight: 1, arbitrary: option.map((name) => [`--${name}`]) },
  { weight: 1, arbitrary: option.map((name) => [`--no-${name}`]) },
  { weight: 1, arbitrary: fc.tuple(option, value).map(([name, value]) => [`--${name}.x`, value]) },
  { weight: 1, arbitrary: value.map((value) => [value]) },
  { weight: 1, arbitrary: fc.constantFrom(...known).map((name) => [name]) },
);

// Nothing is fetched here.
Socket.prototype.connect = () => {
  throw new Error('a command line has led to the network');
};

const lines = () =>
  fc
    .tuple(fc.constantFrom(...commands), fc.boolean(), fc.array(token, { maxLength: 5 }))
    .map(([command, configured, tokens]) => [
      ...command,
      ...(configured ? ['--config', 'config.json'] : []),
      ...tokens.flat(),
    ]);

/** One that is right tries again and again, for half a minute. */
const isFetch = (args: readonly string[]) =>
  args.includes('fetch') && known.some((name) => args.includes(name));

export const commandLines = target({
  cases: () => lines().filter((args) => !isFetch(args)),
  async run(args) {
    prepare();
    requireEnd(await runInProcess(args));
  },
});

const entry = fileURLToPath(new URL('../../../lockstep.js', import.meta.url));

/** The same, as the system starts them. */
export const processes = target({
  // `data fetch` would go to the network.
  cases: () => lines().filter((args) => !args.includes('fetch')),
  run(args) {
    prepare();
    const ended = spawnSync(process.execPath, [entry, ...args], { encoding: 'utf8', timeout: hang });
    requireEnd({ code: ended.status ?? -1, stderr: ended.stderr });
  },
  oneIn: 250,
});

function prepare(): void {
  writeFileSync('config.json', JSON.stringify(config));
  writeFileSync('file.txt', 'a\n');
  mkdirSync('set');
}

function requireEnd({ code, stderr }: Pick<Ended, 'code' | 'stderr'>): void {
  const known: readonly number[] = Object.values(ExitCode);
  assert.ok(known.includes(code) && code !== ExitCode.internal, `exit code ${code}: ${stderr}`);
  if (code !== ExitCode.ok) assert.match(stderr, /^error: ./m);
  assert.not.match(stderr, /^\s+at /m);
}
