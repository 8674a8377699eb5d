import type fc from 'fast-check';
import * as assert from 'uvu/assert';
import { ExitCode, UserError } from '#lockstep/errors.js';

/** One kind of input that users hand to lockstep, and what it must do with any such input. */
export interface Target<T = unknown> {
  /** Inputs: valid ones that were changed, and ones made to be hostile. They survive `v8.serialize`. */
  cases(): fc.Arbitrary<T> | Promise<fc.Arbitrary<T>>;
  /**
   * Does with the input what a command would do. The working folder is `folder`, which is empty; nothing outside it may change.
   * Throws what a user would meet, so a UserError is well; anything else is found.
   */
  run(input: T, folder: string): unknown;
  /** Cases that are given at once; by default as many as are asked for. One in so many of a target whose cases are slow. */
  readonly oneIn?: number;
}

/** Ties the two parts of a target to one type of input. */
export const target = <T>(own: Target<T>): Target => own as Target;

/** Letters of a message that a person reads. */
const longestMessage = 40_000;

/** Throws an AssertionError unless `run` succeeds or ends in a UserError that a person can use. */
export async function requireOutcome(run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    requireMessage(error);
  }
}

function requireMessage({ message, exitCode }: UserError): void {
  assert.ok(exitCode !== ExitCode.ok && exitCode !== ExitCode.internal, `exit code ${exitCode}`);
  assert.ok(message.trim() !== '', 'an empty message');
  assert.ok(
    message.length <= longestMessage,
    `a message of ${message.length} letters: ${message.slice(0, 200)}`,
  );
  assert.not.match(message, '[object Object]');
}
