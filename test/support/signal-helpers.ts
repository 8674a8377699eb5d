import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import type { Workspace } from './command-helpers.js';
import { tinyConfig } from './command-helpers.js';

/** Commands that are sent signals while they are at work, with a terminal and without one. */

export interface Going {
  /** All that it has said so far. */
  said(): string;
  send(signal: NodeJS.Signals): void;
  /** The processes that it has started; Linux says them. */
  children(): number[];
  /** Waits until it is so; an AssertionError where the command ends before. */
  until(isSo: () => boolean): Promise<void>;
  /** Its exit code; 128 and the number of a signal that ended it, on a terminal. */
  readonly ended: Promise<number | null>;
}

/** Whether the system says what processes a process has started. */
export const knowsChildren = existsSync(`/proc/${process.pid}/task/${process.pid}/children`);

/** The program that gives a command a terminal of its own. */
export const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

/** Starts `node dist/NAME.js ARGUMENTS` in `folder`. */
export function going(
  folder: string,
  name: 'train' | 'lockstep',
  args: readonly string[],
  isOnTerminal = false,
): Going {
  const command = [process.execPath, fileURLToPath(new URL(`../../${name}.js`, import.meta.url)), ...args];
  const pidFile = join(folder, 'pid');
  const quoted = command.map((part) => `'${part}'`).join(' ');
  const [program, ...rest] = isOnTerminal
    ? ['script', '-qec', `echo $$ > '${pidFile}'; exec ${quoted}`, '/dev/null']
    : command;
  return goingProgram(folder, [program!, ...rest], (own) =>
    isOnTerminal ? Number(readFileSync(pidFile, 'utf8')) : own,
  );
}

/** Starts a program with its arguments in `folder`. @param pidOf the process that is sent signals, of the one that was started */
export function goingProgram(
  folder: string,
  [program, ...args]: readonly string[],
  pidOf = (own: number): number => own,
): Going {
  const env = { ...process.env, SHELL: '/bin/sh' };
  const child = spawn(program!, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    ended,
    said: () => text,
    send: (signal) => void process.kill(pidOf(child.pid!), signal),
    children() {
      const pid = pidOf(child.pid!);
      return textOf(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
    },
    until: async (isSo) => {
      while (child.exitCode === null && child.signalCode === null && !isSo())
        await new Promise((resolve) => setTimeout(resolve, 10));
      assert.ok(isSo(), `ended by ${child.exitCode ?? child.signalCode}: ${text}`);
    },
  };
}

/** Waits for `act`, and ends what is still going. */
export async function endingAfter(command: Going, act: (command: Going) => Promise<void>): Promise<void> {
  try {
    await act(command);
  } finally {
    try {
      command.send('SIGKILL');
    } catch {
      // It has ended.
    }
  }
}

/** A training that would take long. */
export const longConfig = ({ dataset }: Workspace) => {
  const config = tinyConfig(dataset);
  return { ...config, training: { ...config.training, epochs: 100_000 } };
};

export const textOf = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** Epochs that the run in this directory has done. */
export const epochsOf = (run: string) => textOf(join(run, 'metrics.jsonl')).split('\n').length - 1;
