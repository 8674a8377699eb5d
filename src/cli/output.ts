import { printable, toJson } from '../views/printable.js';

/** Prints lines of a result to stdout. Names in them may hold anything, so the text is made printable. */
export function print(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** The result for programs. */
export function printJson(value: unknown): void {
  process.stdout.write(`${toJson(value, 2)}\n`);
}
