import { availableParallelism } from 'node:os';
import type { DataConfig } from '../config/schema.js';
import type { PackedDataset } from '../data/dataset.js';
import { openDataset } from '../data/open.js';
import type { Source } from '../data/source.js';
import type { Reporter } from '../runs/reporter.js';
import { TerminalReporter } from '../runs/terminal.js';
import { reportFailure } from './failure.js';

/**
 * Run a command whose result goes to stdout: what is said meanwhile goes to stderr, and what it throws too, with the exit code.
 * @param quiet whether only errors are said
 */
export async function reported(
  command: (reporter: Reporter) => Promise<void> | void,
  quiet = false,
): Promise<void> {
  const reporter = new TerminalReporter(process.stderr, process.stderr, quiet);
  try {
    await command(reporter);
  } catch (error) {
    reportFailure(error, reporter);
  } finally {
    reporter.close();
  }
}

/** A config's dataset, packed on all cores where it is not yet; progress and warnings go to the reporter. As `openDataset`. */
export const openReported = (
  data: DataConfig,
  source: Source | undefined,
  reporter: Reporter,
): Promise<PackedDataset> =>
  openDataset(data, {
    threads: availableParallelism(),
    onProgress: (progress) => reporter.dataProgress(progress),
    source,
    onWarning: (message) => reporter.warning(message),
  });
