import { TrainingControls } from '../runs/controls.js';
import { createReporter } from '../runs/log.js';
import { trainConfig } from '../training/train-config.js';
import { reportFailure } from './failure.js';
import { endOnSignals, endWithReader, stopOnSignals } from './signals.js';
import type { ChildTraining } from './train-process.js';

/** What `trainInProcess` starts: one training, which its parent sends. */

endWithReader();
endOnSignals();

process.once('message', async ({ quiet, isOnTerminal, ...training }: ChildTraining) => {
  const reporter = createReporter({ format: 'pretty', quiet });
  const controls = new TrainingControls();
  const stops = stopOnSignals(controls, reporter, isOnTerminal);
  try {
    const { config, ...options } = training;
    const { summary } = await trainConfig(config, { ...options, controls, reporter });
    if (summary.status === 'stopped') process.exitCode = stops.exitCode;
  } catch (error) {
    reportFailure(error, reporter);
  } finally {
    stops.release();
    reporter.close();
    process.disconnect();
  }
});

// Without its parent nobody waits for the result.
process.once('disconnect', () => process.exit());
