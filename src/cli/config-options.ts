import type { InferredOptionTypes, Options } from 'yargs';
import { sharedMemoryWithin } from '../compile/memory-limit.js';
import { aConfig } from '../config/complete-model.js';
import { loadConfig, parseConfig } from '../config/load.js';
import type { Change } from '../config/overrides.js';
import { completeConfig } from '../config/resolve.js';
import type { CompleteConfig } from '../config/resolved.js';
import { type DataConfig, sourceTypes } from '../config/schema.js';
import { defaultThreads, mostThreads } from '../platform/threads.js';

/** Options of every command that trains: the config, what changes it, and how it is run. */
export const configOptions = {
  config: { type: 'string', demandOption: true, requiresArg: true, describe: 'Config file (JSON)' },
  threads: {
    type: 'number',
    requiresArg: true,
    describe: 'Worker threads; changes the speed, never the result',
    defaultDescription: "the machine's parallelism",
  },
  memory: {
    type: 'string',
    requiresArg: true,
    describe:
      'Memory of the whole run, such as 1.5GB; a larger dataset is read as it is needed. Never changes the result',
    defaultDescription: "a quarter of the machine's, or what the run needs",
  },
  data: { type: 'string', requiresArg: true, describe: 'Dataset folder, in place of data.dir' },
  source: {
    choices: ['auto', ...sourceTypes] as const,
    describe: 'What the folder holds, in place of data.source',
  },
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

export type ConfigArguments = InferredOptionTypes<typeof configOptions>;

/** Threads to train with: as many as asked for, or as the machine runs at once. */
export const threadsOf = ({ threads }: Pick<ConfigArguments, 'threads'>): number =>
  threads ?? defaultThreads();

const units = { MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/**
 * Bytes of the shared memory, so that the whole run keeps to `--memory`; undefined where it is not given.
 * @throws Error with the reason, for yargs to show
 */
export function sharedBytesOf(args: Pick<ConfigArguments, 'memory' | 'threads'>): number | undefined {
  const { memory } = args;
  if (memory === undefined) return undefined;
  const parts = /^(?<amount>\d+(?:\.\d+)?) ?(?<unit>[MGT])i?B$/i.exec(memory)?.groups;
  if (parts === undefined) throw new Error(`--memory is ${memory}, but needs a size such as 512MB or 1.5GB`);
  const unit = `${parts['unit']!.toUpperCase()}B` as keyof typeof units;
  return sharedMemoryWithin(Math.floor(Number(parts['amount']) * units[unit]), threadsOf(args));
}

/** @throws Error with the reason, for yargs to show */
export function checkThreads({ threads }: Pick<ConfigArguments, 'threads'>): void {
  if (threads === undefined || (Number.isInteger(threads) && threads >= 1 && threads <= mostThreads)) return;
  throw new Error(`--threads is ${threads}, but needs a whole number from 1 to ${mostThreads}`);
}

/** @throws Error with the reason, for yargs to show */
export function checkCount(option: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new Error(`--${option} is ${value}, but needs a whole number of 1 or more`);
}

/** The keys that options stand for. */
const keyOf = {
  data: 'data.dir',
  source: 'data.source',
  'skip-bad-images': 'data.skipBadImages',
  init: 'training.init',
  epochs: 'training.epochs',
  seed: 'seed',
  'batch-size': 'training.batchSize',
} as const;

type ChangingArguments = Partial<Record<keyof typeof keyOf, unknown>> & Pick<ConfigArguments, 'set'>;

/** What the options change. */
function changesOf(args: ChangingArguments): Change[] {
  const changes = Object.entries(keyOf).flatMap(([option, key]) => {
    const value = args[option as keyof typeof keyOf];
    if (value === undefined) return [];
    return [{ key, value, from: value === true ? `--${option}` : `--${option} ${value}` }];
  });
  return [...args.set, ...changes];
}

/** The config file with the options that change it, and then what else does. */
export function configOf(
  args: ChangingArguments & Pick<ConfigArguments, 'config'>,
  more: readonly Change[] = [],
): CompleteConfig {
  return completeConfig(loadConfig(args.config, [...changesOf(args), ...more]), args.config);
}

/** What a config that names nothing but the dataset's folder says about data, with the options that change it. */
export function dataWithoutConfig(args: ChangingArguments & { readonly data: string }): DataConfig {
  return parseConfig(aConfig, 'the options', changesOf(args)).data;
}
