import { availableParallelism } from 'node:os';
import type { InferredOptionTypes, Options } from 'yargs';
import { loadConfig } from '../config/load.js';
import { type ResolvedConfig, resolveConfig } from '../config/resolve.js';

/** V8 runs out of address space between 512 and 768 (Node 20), and ends the process. */
const mostThreads = 512;

/** Options of every command that trains: the config, what changes it, and how it is run. */
export const configOptions = {
  config: { type: 'string', demandOption: true, requiresArg: true, describe: 'Config file (JSON)' },
  threads: {
    type: 'number',
    requiresArg: true,
    describe: 'Worker threads; changes the speed, never the result',
    defaultDescription: "the machine's parallelism",
  },
  data: { type: 'string', requiresArg: true, describe: 'Dataset folder, in place of data.dir' },
  seed: { type: 'number', requiresArg: true, describe: 'In place of seed' },
  'batch-size': { type: 'number', requiresArg: true, describe: 'In place of training.batchSize' },
  set: {
    type: 'string',
    array: true,
    default: [] as string[],
    requiresArg: true,
    defaultDescription: 'none',
    describe: 'key.path=value: any key of the config; may be repeated',
  },
  'skip-bad-images': {
    type: 'boolean',
    describe: 'Leave broken images out instead of stopping, as data.skipBadImages',
  },
} as const satisfies Record<string, Options>;

type ConfigArguments = InferredOptionTypes<typeof configOptions>;

/** Threads to train with: as many as asked for, or as the machine runs at once. */
export const threadsOf = ({ threads }: Pick<ConfigArguments, 'threads'>): number =>
  threads ?? Math.min(availableParallelism(), mostThreads);

/** @throws Error with the reason, for yargs to show */
export function checkThreads({ threads }: Pick<ConfigArguments, 'threads'>): void {
  if (threads === undefined || (Number.isInteger(threads) && threads >= 1 && threads <= mostThreads)) return;
  throw new Error(`--threads is ${threads}, but needs a whole number from 1 to ${mostThreads}`);
}

/** The config file with the options that change it. */
export function configOf(
  args: ConfigArguments & { readonly epochs?: number | undefined; readonly init?: string | undefined },
): ResolvedConfig {
  const shorthand = {
    'data.dir': quoted(args.data),
    'data.skipBadImages': args['skip-bad-images'],
    'training.init': quoted(args.init),
    'training.epochs': args.epochs,
    seed: args.seed,
    'training.batchSize': args['batch-size'],
  };
  const changes = Object.entries(shorthand).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${value}`],
  );
  const config = resolveConfig(loadConfig(args.config, [...args.set, ...changes]), args.config);
  if (args.data === undefined) return config;
  const { generate: _, ...data } = config.data; // nothing is drawn into a folder of the user's
  return { ...config, data };
}

/** As JSON: "12" is a file's name, not a number. */
const quoted = (text: string | undefined) => (text === undefined ? undefined : JSON.stringify(text));
