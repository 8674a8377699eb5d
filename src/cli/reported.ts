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
