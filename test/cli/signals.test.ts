import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { commandSuite, readJson, trainWell, type Workspace } from '../support/command-helpers.js';
import { needing } from '../support/needing.js';
import {
  endingAfter,
  epochsOf,
  type Going,
  going,
  hasScript,
  knowsChildren,
  longConfig,
} from '../support/signal-helpers.js';

/** Signals to commands that train: `compare`, whose trainings have processes of their own, and `verify`, which writes nothing. */

const signals = commandSuite('compare and verify: signals');
const onUnix = needing(signals, 'signals of Unix', process.platform !== 'win32');
const onLinux = needing(signals, 'a list of child processes (Linux)', knowsChildren);
const onTerminal = needing(signals, 'a terminal (script of util-linux)', hasScript);

/** A comparison whose training is in its third epoch; `run` is that training's directory. */
async function comparing(
  context: Workspace,
  isOnTerminal: boolean,
  act: (command: Going, run: string) => Promise<void>,
): Promise<void> {
  const folder = context.folder(longConfig(context));
  const run = join(folder, 'out/tiny-seed1');
  await endingAfter(
    going(folder, 'lockstep', ['compare', 'config.json', '--out', 'out'], isOnTerminal),
    async (command) => {
      await command.until(() => epochsOf(run) > 2);
      await act(command, run);
    },
  );
}

const sent = [
  ['SIGQUIT', 131, false],
  ['SIGXCPU', 152, false],
  ['SIGHUP', 129, true],
] as const;

for (const [signal, code, isOnTerminal] of sent) {
  const test = isOnTerminal ? onTerminal : onUnix;
  const how = `${signal}${isOnTerminal ? ' of a terminal' : ''}`;
  test(`compare: ${how} saves the training in progress, and ends with ${code}`, (context) =>
    comparing(context, isOnTerminal, async ({ send, ended, said }, run) => {
      send(signal);
      assert.is(await ended, code, said());
      assert.is(readJson(run, 'summary.json').status, 'stopped');
      assert.match(said(), /stopped in the training of \S+; started again, the command goes on there/);
      assert.not.match(said(), 'error:');
    }));
  test(`verify: ${how} ends it with ${code}`, async (context) => {
    const folder = await trained(context);
    await endingAfter(
      going(folder, 'lockstep', ['verify', 'run'], isOnTerminal),
      async ({ until, said, send, ended }) => {
        await until(() => said().includes('epoch 1 of'));
        send(signal);
        assert.is(await ended, code, said());
      },
    );
  });
}

onLinux('compare: a training that something else has ended is an error', (context) =>
  comparing(context, false, async ({ children, ended, said }) => {
    const [training] = children();
    process.kill(training!, 'SIGTERM');
    assert.is(await ended, 143, said());
    assert.match(said(), /error: the training of \S+ ended with exit code 143; started again, /);
  }),
);

onUnix('compare: without a terminal SIGHUP stops nothing', (context) =>
  comparing(context, false, async ({ send, ended, until, said }, run) => {
    send('SIGHUP');
    await until(() => said().includes('SIGHUP: there is no terminal to lose'));
    const epochs = epochsOf(run);
    await until(() => epochsOf(run) > epochs + 1);
    send('SIGTERM');
    assert.is(await ended, 143, said());
  }),
);

onUnix('verify: without a terminal SIGHUP stops nothing, nor do SIGUSR1 and SIGUSR2', async (context) => {
  const folder = await trained(context);
  await endingAfter(going(folder, 'lockstep', ['verify', 'run']), async ({ until, said, send, ended }) => {
    await until(() => said().includes('epoch 1 of'));
    for (const signal of ['SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const) send(signal);
    assert.is(await ended, 0, said());
    assert.not.match(said(), /debugger/i);
  });
});

/** A folder with a run of so many epochs that its repetition is not done at once. */
async function trained(context: Workspace): Promise<string> {
  const folder = context.folder();
  await trainWell(folder, '--epochs', '400', '--out', 'run', '--quiet');
  return folder;
}

signals.run();
