import { createReporter } from '../run/log.js';
import { reportFailure } from './failure.js';
import { trainConfig } from './train-config.js';
import type { ChildTraining } from './train-process.js';

/** What `trainInProcess` starts: one training, which its parent sends. */

process.once('message', async ({ quiet, ...training }: ChildTraining) => {
  const reporter = createReporter({ format: 'pretty', quiet });
  try {
    const { config, ...options } = training;
    await trainConfig(config, { ...options, reporter });
  } catch (error) {
    reportFailure(error, reporter);
  } finally {
    reporter.close();
    process.disconnect();
  }
});

// Without its parent nobody waits for it.
process.once('disconnect', () => process.exit());
