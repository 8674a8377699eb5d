import { type ExitCode, UserError } from '../errors.js';

/** What a pool's thread answers a task with. A UserError travels as its parts: between threads an error loses its class. */
export type Answer<R> =
  | { readonly result: R }
  | { readonly fault: { readonly message: string; readonly exitCode: ExitCode } };

/** `work` as a pool's threads export it. Other errors are thrown, and reach the main thread with their stack trace. */
export const answering =
  <T, R>(work: (task: T) => R | Promise<R>) =>
  async (task: T): Promise<Answer<R>> => {
    try {
      return { result: await work(task) };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { fault: { message: error.message, exitCode: error.exitCode } };
    }
  };

/** @throws UserError as it was thrown in the thread */
export function resultOf<R>(answer: Answer<R>): R {
  if ('result' in answer) return answer.result;
  throw new UserError(answer.fault.message, answer.fault.exitCode);
}
