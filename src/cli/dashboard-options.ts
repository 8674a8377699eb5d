import type { Options } from 'yargs';
import { isLoopback } from '../views/dashboard/access.js';
import { printable } from '../views/printable.js';

/** Where a dashboard is served. */
export const addressOptions = {
  host: {
    type: 'string',
    default: '127.0.0.1',
    requiresArg: true,
    describe: "The address that the page is served on; the default's is this machine's own",
  },
  port: {
    type: 'number',
    default: 0,
    requiresArg: true,
    describe: 'The port of the page; 0 takes one that is free',
  },
} as const satisfies Record<string, Options>;

/**
 * @param prefix of the options' names
 * @throws Error with the reason, for yargs to show
 */
export function checkPort(port: number, prefix = ''): void {
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return;
  throw new Error(`--${prefix}port is ${port}, but needs a whole number from 0 to 65535`);
}

/** Prints the address to stderr alone: a log may be published, and must not hold the token. */
export function announce(address: string, host: string): void {
  process.stderr.write(`dashboard: ${printable(address)}\n`);
  if (isLoopback(host)) return;
  process.stderr.write(
    `other machines can reach the dashboard at ${printable(host)}: whoever has the address with its token sees the ` +
      'training and can stop it, and what is sent is not encrypted\n',
  );
}
