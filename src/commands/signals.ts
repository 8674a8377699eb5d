import { constants } from 'node:os';
import type { TrainingControls } from '../run/controls.js';
import type { Reporter } from '../run/reporter.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npx and timeout pass on a signal that the terminal has sent to their child already: within so many ms it is the same one. */
const echoes = 300;

/**
 * Until the returned function is called: the first signal stops the training after its step, with a checkpoint; where there is no
 * training yet, or none any more, and at the second signal, the process ends at once. Either way its exit code is 128 and the
 * signal's number: 130 of Ctrl-C, 143 of SIGTERM.
 */
export function stopOnSignals(controls: TrainingControls, reporter: Reporter): () => void {
  let first = Number.NEGATIVE_INFINITY;
  const onSignal = (signal: (typeof signals)[number]) => {
    if (performance.now() - first < echoes) return;
    const code = 128 + constants.signals[signal];
    if (!controls.attached || controls.state === 'stopping') {
      reporter.close();
      process.exit(code);
    }
    first = performance.now();
    process.exitCode = code;
    reporter.note(
      `stopping after this step, with a checkpoint; ${signal === 'SIGINT' ? 'Ctrl-C' : signal} again ends at once`,
    );
    controls.stop();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}
