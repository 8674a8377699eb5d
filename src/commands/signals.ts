import { constants } from 'node:os';
import { ExitCode } from '../errors.js';
import type { TrainingControls } from '../run/controls.js';
import type { Reporter } from '../run/reporter.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npx and timeout pass on a signal that the terminal has sent to their child already: within so many ms it is the same one. */
const echoes = 300;

/** What has asked a training to stop. */
export interface Stops {
  /** Of a training that was stopped: 128 and the signal's number, 130 of Ctrl-C and 143 of SIGTERM; 5 where its reader left. */
  readonly exitCode: number | undefined;
  /** From now on a signal does what it does to any process. */
  release(): void;
}

/**
 * The first signal stops the training after its step, with a checkpoint; so does a reader of the output that leaves, as `tee` does at
 * Ctrl-C, before the training hears of it. Where there is no training yet, or none any more, and at the second signal, the process
 * ends at once.
 */
export function stopOnSignals(controls: TrainingControls, reporter: Reporter): Stops {
  let exitCode: number | undefined;
  let first = Number.NEGATIVE_INFINITY;
  let readerLeft = false;
  const onSignal = (signal: (typeof signals)[number]) => {
    if (performance.now() - first < echoes) return;
    exitCode = 128 + constants.signals[signal];
    const isSecond = controls.state === 'stopping' && !readerLeft;
    if (!controls.attached || isSecond) {
      reporter.close();
      process.exit(exitCode);
    }
    first = performance.now();
    readerLeft = false;
    reporter.note(
      `stopping after this step, with a checkpoint; ${signal === 'SIGINT' ? 'Ctrl-C' : signal} again ends at once`,
    );
    controls.stop();
  };
  const onOutputError = ({ code }: NodeJS.ErrnoException) => {
    // Every later write tells it again.
    if (code !== 'EPIPE' || controls.state === 'stopping') return;
    if (!controls.attached) process.exit(ExitCode.environment);
    exitCode = ExitCode.environment;
    readerLeft = true;
    controls.stop();
  };
  for (const signal of signals) process.on(signal, onSignal);
  for (const output of [process.stdout, process.stderr]) output.on('error', onOutputError);
  return {
    get exitCode() {
      return exitCode;
    },
    release() {
      for (const signal of signals) process.off(signal, onSignal);
      for (const output of [process.stdout, process.stderr]) output.off('error', onOutputError);
    },
  };
}
