import * as assert from 'uvu/assert';
import { UserError } from '#lockstep/errors.js';

/** The UserError with which something ends. */
export async function refusal(work: Promise<unknown>): Promise<UserError> {
  const error = await work.then(
    () => assert.unreachable(),
    (reason: unknown) => reason,
  );
  assert.instance(error, UserError);
  return error as UserError;
}
