import { UserError } from '../errors.js';

/** A pool thread's answer to a task. A UserError is sent as its parts, since an error loses its class between threads. */
export type Answer<R> =
  | { readonly result: R }
  | { readonly fault: Pick<UserError, 'message' | 'exitCode' | 'path'> };

/** Wraps `work` for a pool's thread: a UserError becomes an answer. Other errors are thrown, and reach the main thread with their stack. */
export const answering =
  <T, R>(work: (task: T) => R | Promise<R>) =>
  async (task: T): Promise<Answer<R>> => {
    try {
      return { result: await work(task) };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const { message, exitCode, path } = error;
      return { fault: { message, exitCode, path } };
    }
  };

/** The result in an answer. @throws UserError as it was thrown in the thread */
export function resultOf<R>(answer: Answer<R>): R {
  if ('result' in answer) return answer.result;
  const { message, exitCode, path } = answer.fault;
  throw new UserError(message, exitCode, { path });
}
