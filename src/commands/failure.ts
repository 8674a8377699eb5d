import { ExitCode, UserError } from '../errors.js';
import type { Reporter } from '../run/reporter.js';

/** Say what went wrong and set the exit code: a message for what the user can mend, a stack trace for what is ours. */
export function reportFailure(error: unknown, reporter: Reporter): void {
  // Before anything else can fail.
  process.exitCode = error instanceof UserError ? error.exitCode : ExitCode.internal;
  if (error instanceof UserError) {
    reporter.error(error.message);
    return;
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  reporter.error(
    `this is a fault of lockstep's own; please report it with the command and these lines:\n${trace}`,
  );
}
