import { described, ExitCode, UserError } from '../errors.js';

/**
 * The error for an argument that is something else than what a function takes.
 * @param of the function
 * @param takes what it takes, in words
 * @param argument its name in the function
 */
export const argumentError = (of: string, takes: string, found: unknown, argument: string): UserError =>
  new UserError(`${of} takes ${takes}; found ${described(found)}`, ExitCode.usage, { path: argument });

export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
