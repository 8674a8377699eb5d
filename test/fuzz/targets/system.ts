import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { ExitCode } from '#lockstep/errors.js';
import { type Failure, failingSystem } from '../../failing-system.js';
import { hang } from '../../needing.js';
import { target } from '../target.js';

/**
 * A system that fails while a command reads or writes its files. The command ends well, or says what failed; afterwards, on a system that
 * works again, the same command and a resume of what was begun give the weights of a run in which nothing failed.
 */

const config = {
  name: 'tiny',
  data: { dir: 'set', cache: 'packed', features: { type: 'pixels', width: 4, height: 4 } },
  model: { layers: [{ type: 'flatten' }, { type: 'dense', outFeatures: 2 }] },
  loss: { type: 'crossEntropy' },
  optimizer: { type: 'sgd', learningRate: 0.1, momentum: 0.9 },
  training: { batchSize: 2, epochs: 3 },
};
const entry = fileURLToPath(new URL('../../../lockstep.js', import.meta.url));
const training = ['train', '--config', 'config.json', '--threads', '2', '--checkpoint-every', '2'];
/** Part of the path of each kind of file that a command reads or writes. */
const files = [
  ...['config.json', 'train.txt', 'set/images/0', 'set/images', 'packed', 'run/', 'checkpoint.safetensors'],
  ...[
    'model.safetensors',
    'best.safetensors',
    'metrics.jsonl',
    'summary.json',
    'step-losses',
    'log.jsonl',
    'curves',
  ],
];
const commands = [
  training,
  [...training, '--skip-bad-images'],
  ['train', '--resume', 'run'],
  ['evaluate', 'run'],
  ['predict', 'run', 'set/images'],
  ['report', 'run'],
  ['verify', 'run'],
  ['data', 'inspect', 'set'],
];

let images: readonly Uint8Array[] = [];
/** Of the weights of a run in which nothing fails. */
let expected = '';
const system = failingSystem();
process.on('exit', () => system?.close());

export const failures = target({
  async cases() {
    images = await Promise.all(
      Array.from({ length: 12 }, (_, i) => {
        const background = { r: 20 * i, g: i % 2 === 0 ? 200 : 10, b: 90 };
        return sharp({ create: { width: 4, height: 4, channels: 3, background } })
          .png()
          .toBuffer();
      }),
    );
    putAll();
    requireWell(start([...training, '--out', 'run']));
    expected = hashOf('run');
    return fc.record({
      command: fc.constantFrom(...commands),
      path: fc.constantFrom(...files),
      call: fc.constantFrom<Failure['call']>('open', 'read', 'write', 'sync', 'rename'),
      error: fc.constantFrom<Failure['error']>(
        'EIO',
        'ENOMEM',
        'EACCES',
        'EMFILE',
        'ENFILE',
        'ENOSPC',
        'ESTALE',
      ),
      after: fc.oneof(fc.nat(3), fc.nat(60)),
      times: fc.constantFrom(1, 2, 1e9),
    });
  },
  run({ command, ...failure }) {
    if (system === undefined) return; // no Linux, or no C compiler
    putAll();
    const trains = command[1] === '--config';
    if (!trains) requireWell(start([...training, '--out', 'run']));
    const { code, stderr } = start(
      trains ? [...command, '--out', 'run'] : command,
      system.environment(failure),
    );
    const known: readonly number[] = Object.values(ExitCode);
    assert.ok(known.includes(code) && code !== ExitCode.internal, `exit code ${code}: ${stderr}`);
    assert.not.match(stderr, /^\s+at /m);
    if (code !== ExitCode.ok) assert.match(stderr, /^error: ./m);
    // What was begun goes on, and what is begun now is not changed by what is left.
    if (trains && code !== ExitCode.ok) {
      const resumes = existsSync('run/checkpoint.safetensors');
      requireWell(start(resumes ? ['train', '--resume', 'run'] : [...command, '--out', 'run']));
    }
    assert.is(hashOf('run'), expected);
    requireWell(start([...training, '--out', 'again']));
    assert.is(hashOf('again'), expected);
  },
  oneIn: 100,
});

function putAll(): void {
  mkdirSync('set/images', { recursive: true });
  writeFileSync('config.json', JSON.stringify(config));
  for (const [i, image] of images.entries()) writeFileSync(`set/images/${i}.png`, image);
  const lines = images.map((_, i) => `images/${i}.png ${i % 2}\n`);
  for (const [list, first, end] of [
    ['train', 0, 8],
    ['val', 8, 10],
    ['test', 10, 12],
  ] as const)
    writeFileSync(`set/${list}.txt`, lines.slice(first, end).join(''));
}

function start(args: readonly string[], env = process.env) {
  const ended = spawnSync(process.execPath, [entry, ...args], { encoding: 'utf8', env, timeout: hang });
  return { code: ended.status ?? -1, stderr: ended.stderr };
}

function requireWell({ code, stderr }: ReturnType<typeof start>): void {
  assert.is(code, ExitCode.ok, stderr);
}

const hashOf = (run: string): string =>
  (JSON.parse(readFileSync(`${run}/summary.json`, 'utf8')) as { weightsSha256: string }).weightsSha256;
