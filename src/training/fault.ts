import { ExitCode, UserError } from '../errors.js';
import { machineFault } from '../platform/machine.js';

/** What went wrong, as it crosses from a rank to the others. */
export type Fault = Pick<UserError, 'message' | 'exitCode'>;

export const faultOf = (error: unknown): Fault => ({ message: wordsFor(error), exitCode: exitCodeOf(error) });

export const exitCodeOf = (error: unknown): ExitCode => told(error)?.exitCode ?? ExitCode.internal;

export function wordsFor(error: unknown): string {
  const known = told(error);
  if (known !== undefined) return known.message;
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `this is a fault of lockstep's own; please report it with the command and these lines:\n${trace}`;
}

/** What the user can mend; the machine's limits may show anywhere. */
const told = (error: unknown): UserError | undefined =>
  error instanceof UserError ? error : machineFault(error);
