import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { TrainingControls } from '#lockstep/runs/controls.js';
import { parsePosition } from '#lockstep/runs/position.js';
import { readSafetensorsHeader } from '#lockstep/tensors/safetensors.js';
import {
  commandSuite,
  lockstepUnder,
  readJson,
  tinyConfig,
  type Workspace,
} from '../support/command-helpers.js';
import { needing } from '../support/needing.js';
import {
  endingAfter,
  epochsOf,
  type Going,
  going,
  hasScript,
  longConfig,
  textOf,
} from '../support/signal-helpers.js';

/** Signals of terminals, clusters and limits. */

const signals = commandSuite('train: signals');
const onUnix = needing(signals, 'signals of Unix', process.platform !== 'win32');
const onTerminal = needing(signals, 'a terminal (script of util-linux)', hasScript);

const training = ['--config', 'config.json', '--out', 'run'];

/** A training in its third epoch. */
async function inTraining(
  context: Workspace,
  act: (going: Going & { readonly folder: string }) => Promise<void>,
  isOnTerminal = false,
): Promise<void> {
  const folder = context.folder(longConfig(context));
  await endingAfter(going(folder, 'train', training, isOnTerminal), async (command) => {
    await command.until(() => epochsOf(join(folder, 'run')) > 2);
    await act({ ...command, folder });
  });
}

onUnix('without a terminal SIGHUP stops nothing, nor do SIGUSR1 and SIGUSR2; no debugger', (context) =>
  inTraining(context, async ({ folder, ended, said, send, until }) => {
    const run = join(folder, 'run');
    for (const [signal, note] of [
      ['SIGHUP', 'SIGHUP: there is no terminal to lose, so the training goes on'],
      ['SIGUSR1', 'SIGUSR1: a checkpoint is written after this step, and the training goes on'],
      ['SIGUSR2', 'SIGUSR2: a checkpoint is written after this step, and the training goes on'],
    ] as const) {
      send(signal);
      await until(() => textOf(join(run, 'log.jsonl')).includes(note));
      const epochs = epochsOf(run);
      await until(() => epochsOf(run) > epochs + 1);
    }
    send('SIGTERM');
    assert.is(await ended, 143);
    assert.not.match(said(), /debugger/i);
  }),
);

onUnix('SIGUSR2 leaves a checkpoint in the middle of an epoch', async (context) => {
  const config = tinyConfig(context.dataset);
  // Steps that take a while: the next epoch's end writes over what is looked for.
  const layers = [{ type: 'conv2d', outChannels: 32, kernelSize: 5 }, ...config.model.layers];
  const folder = context.folder({
    ...config,
    data: { ...config.data, features: { type: 'pixels', width: 96, height: 96 } },
    model: { layers },
    optimizer: { type: 'sgd', learningRate: 1e-6 },
    training: { batchSize: 1, epochs: 1000 },
  });
  await endingAfter(going(folder, 'train', training), async ({ until, send, ended }) => {
    const path = join(folder, 'run/checkpoint.safetensors');
    await until(() => epochsOf(join(folder, 'run')) > 0);
    await until(() => {
      send('SIGUSR2');
      const { metadata } = readSafetensorsHeader(path);
      return parsePosition(metadata['position'], path).done.steps > 0;
    });
    send('SIGTERM');
    assert.is(await ended, 143);
  });
});

onTerminal('a terminal that is closed stops the training, with 129', (context) =>
  inTraining(
    context,
    async ({ folder, ended, send }) => {
      send('SIGHUP');
      assert.is(await ended, 129);
      assert.is(readJson(folder, 'run/summary.json').status, 'stopped');
    },
    true,
  ),
);

for (const [signal, code] of [
  ['SIGQUIT', 131],
  ['SIGXCPU', 152],
] as const) {
  onUnix(`${signal} stops as SIGTERM does, with ${code}`, (context) =>
    inTraining(context, async ({ folder, ended, send }) => {
      send(signal);
      assert.is(await ended, code);
      assert.is(readJson(folder, 'run/summary.json').status, 'stopped');
    }),
  );
}

onUnix('a limit of computing time stops with a checkpoint', async (context) => {
  const folder = context.folder(longConfig(context));
  const { code, stderr } = await lockstepUnder({ shell: 'ulimit -S -t 5' }, folder, 'train', ...training);
  // The system repeats it each second, so also to a process whose files are all written and that no longer listens.
  assert.ok(code === 152 || code === null, stderr);
  assert.is(readJson(folder, 'run/summary.json').status, 'stopped');
});

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
