import { constants } from 'node:os';
import { ExitCode } from '../errors.js';
import type { TrainingControls } from '../run/controls.js';
import type { Reporter } from '../run/reporter.js';

export const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

type Signal = (typeof signals)[number];

/** npx and timeout pass on a signal that the terminal has sent to their child already: within so many ms it is the same one. */
const echoes = 300;

/** Event of stdout and stderr: nobody reads what is written there any more. */
export const readerLeft = 'readerLeft';

/** What has asked a training to stop. */
export interface Stops {
  /** Of a training that was stopped: 128 and the signal's number, 130 of Ctrl-C and 143 of SIGTERM; 5 where its reader left. */
  readonly exitCode: number | undefined;
  /** From now on a signal does what it does to any process. */
  release(): void;
}

/**
 * The first signal stops the training after its step, with a checkpoint; so does a reader of the output that leaves, as `tee` does at
 * Ctrl-C, before the training hears of it. When all is trained, and only files are left to write, they are written. Where there is no
 * training yet, and at the second signal, the process ends at once.
 */
export function stopOnSignals(controls: TrainingControls, reporter: Reporter): Stops {
  let exitCode: number | undefined;
  let first = Number.NEGATIVE_INFINITY;
  let isStopping = false;
  const onSignal = (signal: Signal) => {
    if (performance.now() - first < echoes) return;
    exitCode = 128 + constants.signals[signal];
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
  const onReaderLeft = () => {
    // Every later write tells it again, and a signal has its own exit code.
    if (exitCode !== undefined) return;
    exitCode = ExitCode.environment;
    if (controls.stage === 'before') process.exit(exitCode);
    controls.stop();
  };
  for (const signal of signals) process.on(signal, onSignal);
  for (const output of [process.stdout, process.stderr]) output.on(readerLeft, onReaderLeft);
  return {
    get exitCode() {
      return exitCode;
    },
    release() {
      for (const signal of signals) process.off(signal, onSignal);
      for (const output of [process.stdout, process.stderr]) output.off(readerLeft, onReaderLeft);
    },
  };
}
