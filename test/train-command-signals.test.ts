import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { TrainingControls } from '#lockstep/run/controls.js';
import { commandSuite, readJson, tinyConfig, type Workspace } from './command-helpers.js';
import { needing } from './needing.js';

/** Signals of terminals, clusters and limits. None of these trainings has a terminal. */

const signals = commandSuite('train: signals');
const onUnix = needing(signals, 'signals of Unix', process.platform !== 'win32');
const entry = fileURLToPath(new URL('../train.js', import.meta.url));

/** A training that would take long, in its third epoch. */
async function training(context: Workspace) {
  const config = tinyConfig(context.dataset);
  const folder = context.folder({ ...config, training: { ...config.training, epochs: 100_000 } });
  const args = [entry, '--config', 'config.json', '--out', 'run'];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  await until(child, () => epochsOf(folder) > 2);
  return { folder, child, ended, said: () => stderr };
}

const textOf = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
const epochsOf = (folder: string) => textOf(join(folder, 'run/metrics.jsonl')).split('\n').length - 1;

async function until(child: ChildProcess, isSo: () => boolean): Promise<void> {
  while (child.exitCode === null && child.signalCode === null && !isSo())
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(isSo(), `ended by ${child.exitCode ?? child.signalCode}`);
}

onUnix(
  'without a terminal SIGHUP stops nothing; SIGUSR1 and SIGUSR2 write a checkpoint; no debugger',
  async (context) => {
    const { folder, child, ended, said } = await training(context);
    try {
      const log = () => textOf(join(folder, 'run/log.jsonl'));
      for (const [signal, note] of [
        ['SIGHUP', 'SIGHUP: there is no terminal to lose, so the training goes on'],
        ['SIGUSR1', 'SIGUSR1: a checkpoint is written after this step, and the training goes on'],
        ['SIGUSR2', 'SIGUSR2: a checkpoint is written after this step, and the training goes on'],
      ] as const) {
        child.kill(signal);
        await until(child, () => log().includes(note));
        const epochs = epochsOf(folder);
        await until(child, () => epochsOf(folder) > epochs + 1);
      }
      child.kill('SIGTERM');
      assert.is(await ended, 143);
      assert.is(said(), '');
    } finally {
      child.kill('SIGKILL');
    }
  },
);

for (const [signal, code] of [
  ['SIGQUIT', 131],
  ['SIGXCPU', 152],
] as const) {
  onUnix(`${signal} stops as SIGTERM does, with ${code}`, async (context) => {
    const { folder, child, ended } = await training(context);
    child.kill(signal);
    assert.is(await ended, code);
    assert.is(readJson(folder, 'run/summary.json').status, 'stopped');
  });
}

signals(
  'a checkpoint that is asked for is written before the next part, also of a training that is paused',
  async () => {
    const controls = new TrainingControls();
    let saved = 0;
    let halted = 0;
    const save = () => {
      saved++;
    };
    controls.attach(() => halted++);
    await controls.permission(save);
    assert.equal([saved, halted], [0, 0]);
    controls.save();
    assert.is(halted, 1, 'the part in progress ends after its step');
    await controls.permission(save);
    await controls.permission(save);
    assert.is(saved, 1, 'once');
    controls.pause();
    const going = controls.permission(save);
    controls.save();
    await new Promise((resolve) => setImmediate(resolve));
    assert.is(saved, 2);
    assert.is(controls.state, 'paused');
    controls.resume();
    await going;
  },
);

signals.run();
