import { existsSync } from 'node:fs';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { ExitCode } from '#lockstep/errors.js';
import { type Failure, failingSystem } from '../../support/failing-system.js';
import { target } from '../target.js';
import { hashOf, putTiny, requireWell, start, tinyImages, training } from '../tiny-run.js';

/**
 * A system that fails while a command reads or writes its files. The command ends well, or says what failed; afterwards, on a system that
 * works again, the same command and a resume of what was begun give the weights of a run in which nothing failed.
 */

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
const commands: readonly (readonly string[])[] = [
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
    images = await tinyImages();
    putTiny(images);
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
    putTiny(images);
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
