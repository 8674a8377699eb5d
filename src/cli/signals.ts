import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { ExitCode } from '../errors.js';
import type { TrainingControls } from '../runs/controls.js';
import type { Reporter } from '../runs/reporter.js';

const there = (signal: NodeJS.Signals) => signal in constants.signals;
/** Those that end a command; Windows lacks some. */
export const ending = (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGXCPU'] as const).filter(there);
/** A cluster's notice before it ends a job, one or the other: a training writes a checkpoint and goes on. */
const saving = (['SIGUSR1', 'SIGUSR2'] as const).filter(there);

type Signal = (typeof ending)[number];

/** All that a command passes on to the training that it has started. */
export const signals = [...ending, ...saving];

/** Of a process that a signal has ended. */
export const exitCodeOfSignal = (signal: NodeJS.Signals) => 128 + constants.signals[signal];

/** Whether input or output is a terminal: `nohup` and job systems leave none. Node undoes what nohup asks the system for. */
export const hasTerminal = (): boolean => [0, 1, 2].some((stream) => isatty(stream));

/**
 * What a signal does to a command where nothing else listens to it. SIGHUP tells that a terminal is closed: without one to lose, the
 * command goes on. SIGQUIT and SIGXCPU end it as SIGTERM does, without a memory dump. SIGUSR1 and SIGUSR2 do nothing: by default the
 * one opens a debugger's port, and the other ends the process.
 */
export function endOnSignals(): void {
  const isOurs = (signal: NodeJS.Signals) => process.listenerCount(signal) === 1;
  for (const signal of ending) {
    // What Ctrl-C and SIGTERM do is right.
    if (signal === 'SIGINT' || signal === 'SIGTERM') continue;
    process.on(signal, () => {
      if (isOurs(signal) && (signal !== 'SIGHUP' || hasTerminal())) process.exit(exitCodeOfSignal(signal));
    });
  }
  for (const signal of saving) process.on(signal, () => {});
}

/** npx and timeout pass on a signal that the terminal has sent to their child already: within so many ms it is the same one. */
const echoes = 300;

/** Event of stdout and stderr: nobody reads what is written there any more. */
export const readerLeft = 'readerLeft';

/**
 * A reader of stdout or stderr that leaves, as the one in `| head -1` does, ends the command without a word: nobody would read it. A training listens to
 * `readerLeft`, and saves first. A terminal that was closed ends nothing: SIGHUP says so to whoever is to end.
 */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (stream.isTTY && error.code === 'EIO') return;
      if (error.code === 'EPIPE' && stream.emit(readerLeft)) return;
      if (error.code !== 'EPIPE')
        process.stderr.write(`error: the output cannot be written: ${error.message}\n`);
      // Of what was done before, such as stopping at a signal, the exit code is the command's.
      process.exit(process.exitCode || ExitCode.environment);
    });
}

/** What has asked a training to stop. */
export interface Stops {
  /** Of a training that was stopped: 128 and the signal's number, 129 to 131, 143 and 152; 5 where its reader left. */
  readonly exitCode: number | undefined;
  /** From now on a signal does what it does to any process. */
  release(): void;
}

/**
 * The first signal stops the training after its step, with a checkpoint; so does a reader of the output that leaves, as `tee` does at
 * Ctrl-C, before the training hears of it. When all is trained, and only files are left to write, they are written. Where there is no
 * training yet, and at the second signal, the process ends at once. SIGHUP without a terminal to lose stops nothing; SIGUSR1 and SIGUSR2
 * have a checkpoint written after the step.
 * @param isOnTerminal of the command that the user has started
 */
export function stopOnSignals(
  controls: TrainingControls,
  reporter: Reporter,
  isOnTerminal = hasTerminal(),
): Stops {
  let exitCode: number | undefined;
  let first = Number.NEGATIVE_INFINITY;
  let isStopping = false;
  const onSignal = (signal: Signal) => {
    if (performance.now() - first < echoes) return;
    if (signal === 'SIGHUP' && !isOnTerminal) {
      reporter.note('SIGHUP: there is no terminal to lose, so the training goes on; SIGTERM stops it');
      return;
    }
    // The system sends it every second of computing that is too much.
    if (signal === 'SIGXCPU' && isStopping) return;
    exitCode = exitCodeOfSignal(signal);
    if (controls.stage === 'before' || isStopping) {
      reporter.close();
      process.exit(exitCode);
    }
    first = performance.now();
    isStopping = true;
    const what =
      controls.stage === 'training'
        ? 'stopping after this step, with a checkpoint'
        : 'all is trained: what is left is written';
    reporter.note(`${what}; ${signal === 'SIGINT' ? 'Ctrl-C' : signal} again ends at once`);
    controls.stop();
  };
  const onNotice = (signal: NodeJS.Signals) => {
    if (controls.stage === 'after') return;
    reporter.note(`${signal}: a checkpoint is written after this step, and the training goes on`);
    controls.save();
  };
  const onReaderLeft = () => {
    // Every later write tells it again, and a signal has its own exit code.
    if (exitCode !== undefined) return;
    exitCode = ExitCode.environment;
    if (controls.stage === 'before') process.exit(exitCode);
    controls.stop();
  };
  for (const signal of ending) process.on(signal, onSignal);
  for (const signal of saving) process.on(signal, onNotice);
  for (const output of [process.stdout, process.stderr]) output.on(readerLeft, onReaderLeft);
  return {
    get exitCode() {
      return exitCode;
    },
    release() {
      for (const signal of ending) process.off(signal, onSignal);
      for (const signal of saving) process.off(signal, onNotice);
      for (const output of [process.stdout, process.stderr]) output.off(readerLeft, onReaderLeft);
    },
  };
}
