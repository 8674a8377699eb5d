import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CompleteConfig } from '../config/resolved.js';
import { ExitCode, Stopped, UserError } from '../errors.js';
import type { SavedRun } from '../runs/saved-run.js';
import { ending, exitCodeOfSignal, hasTerminal, signals } from './signals.js';

export interface ChildTraining {
  readonly config: CompleteConfig;
  readonly threads: number;
  readonly sharedBytes: number | undefined;
  /** The run directory. */
  readonly out: string;
  /** The run to go on with, in that directory. */
  readonly resume: SavedRun | undefined;
  /** Nothing but errors. */
  readonly quiet: boolean;
  /** Whether the command that starts it has a terminal to lose. */
  readonly isOnTerminal: boolean;
}

/**
 * One training in a process of its own, which reports on stderr. In one process each would leave its shared memory to a garbage collector
 * that does not see how large it is: ten trainings of 37 MB of samples took 340 MB, and hundreds would take all there is.
 * @returns whether it came to its end: a training that diverges does not
 * @throws Stopped where a signal to this process has ended it
 * @throws UserError with the training's exit code, for whatever else ended it; it has said why
 */
export async function trainInProcess(training: Omit<ChildTraining, 'isOnTerminal'>): Promise<boolean> {
  const child = fork(fileURLToPath(new URL('./train-child.js', import.meta.url)), {
    stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
  });
  child.send({ ...training, isOnTerminal: hasTerminal() } satisfies ChildTraining);
  const received = new Set<NodeJS.Signals>();
  // It saves before it ends, and this process waits for it.
  const passOn = (signal: NodeJS.Signals) => {
    received.add(signal);
    child.kill(signal);
  };
  for (const signal of signals) process.on(signal, passOn);
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  for (const signal of signals) process.off(signal, passOn);
  if (code === ExitCode.ok) return true;
  if (code === ExitCode.training) return false;
  const exitCode = code ?? exitCodeOfSignal(signal!);
  if (ending.some((signal) => received.has(signal) && exitCode === exitCodeOfSignal(signal)))
    throw new Stopped(
      `stopped in the training of ${training.out}; started again, the command goes on there`,
      exitCode as ExitCode,
    );
  throw new UserError(
    `the training of ${training.out} ended ${code === null ? `by ${signal}` : `with exit code ${code}`}; started again, the command goes on there`,
    exitCode as ExitCode,
  );
}
