import { type ExitCode, Stopped } from '../errors.js';
import { launchedRanks } from '../mpi/launcher.js';
import type { Reporter } from '../runs/reporter.js';
import { exitCodeOf, wordsFor } from '../training/fault.js';
import { printable } from '../views/printable.js';

/** Say what went wrong and set the exit code: a message for what the user can mend, a stack trace for what is ours. A stop by the user is a note. */
export function reportFailure(error: unknown, reporter: Reporter): void {
  // Before anything else can fail.
  process.exitCode = exitCodeOf(error);
  if (error instanceof Stopped) reporter.note(error.message);
  else reporter.error(wordsFor(error));
}

/** The same for what is thrown where nobody waits for it, or a promise is rejected that nobody holds; it ends the process. */
export function reportUncaught(): void {
  process.on('uncaughtException', endWith);
}

/** The same where there is no reporter. */
export function endWith(error: unknown): never {
  process.stderr.write(`error: ${printable(wordsFor(error))}\n`);
  process.exit(exitCodeOf(error));
}

/** The same for what is wrong on all ranks of a host, before they can talk to each other. */
export function endRanksWith(error: unknown): never {
  letFirstRankSay(exitCodeOf(error));
  endWith(error);
}

/** Time in which the first rank of a host has ended the others, ms, unless it has nothing to complain of. */
const headStart = 10_000;

/**
 * Of what is wrong with the command line or the host, the first rank of the host tells. To the others this mostly does not return: MPICH's launcher
 * waits for them, and other launchers end all ranks when one ends, so that one that was faster would cut the first one's words off.
 */
export function letFirstRankSay(exitCode: ExitCode): void {
  const launched = launchedRanks(process.env);
  if (launched === undefined || launched.localRank === 0) return;
  if (launched.launcher === 'hydra') process.exit(exitCode);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, headStart);
}
