import { ExitCode, UserError } from '../errors.js';

/** The errors of a dataset, as a user sees them. */

export function dataError(message: string): UserError {
  return new UserError(message, ExitCode.data);
}

/** `items`, a line each, the first `most` of them and the number of the others. */
export function listed(items: readonly string[], most: number): string {
  const more = items.length > most ? [`and ${items.length - most} more`] : [];
  return [...items.slice(0, most), ...more].join('\n');
}

/** `2,500 images` */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
