import { printable, toJson } from '../views/printable.js';

/** Lines of a result on stdout: printable, whoever chose the names in them. */
export function print(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** The result for programs. */
export function printJson(value: unknown): void {
  process.stdout.write(`${toJson(value, 2)}\n`);
}
