import { ExitCode, UserError } from '../errors.js';

export { listed, shortened } from '../errors.js';

/** The errors of a dataset, as a user sees them. */

export function dataError(message: string): UserError {
  return new UserError(message, ExitCode.data);
}

/** `2,500 images` */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
