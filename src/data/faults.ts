import { ExitCode, UserError } from '../errors.js';
import type { SplitName } from './dataset.js';

export { listed, shortened } from '../errors.js';

/** Errors about a dataset, as the user sees them. */

/** @param path of the file or folder that is wrong, where it is one */
export function dataError(message: string, path?: string): UserError {
  return new UserError(message, ExitCode.data, { path });
}

/** `2,500` */
export const grouped = (count: number): string => count.toLocaleString('en-US');

/** `2,500 images` */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** The error for a packed file that ends too early. */
export const cutShort = (path: string): UserError =>
  dataError(`${path} is cut short; delete it, and it is made again`);

/** The message for a packed sample whose checksum does not match. */
export const damaged = (path: string, split: SplitName, index: number): string =>
  `${path}: sample ${index} of ${split} is damaged: its bytes are not those that were written. Delete the file, and it is made again`;
