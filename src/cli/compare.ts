import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import { ExitCode, UserError } from '../errors.js';
import { makeFolder } from '../files/folder.js';
import { weightsChoices } from '../inference/trained-model.js';
import { runsFolder, timestamp } from '../runs/directory.js';
import type { Reporter } from '../runs/reporter.js';
import { compare } from '../views/compare/comparison.js';
import { openEnded } from '../views/compare/existing-runs.js';
import { findings, tablesOf } from '../views/compare/tables.js';
import { comparisonFiles, writeComparison } from '../views/compare/write.js';
import { terminalTable } from '../views/text-table.js';
import { type Item, trainItems } from './compare-trainings.js';
import { checkThreads, configOf, configOptions, sharedBytesOf, threadsOf } from './config-options.js';
import { print } from './output.js';
import { reported } from './reported.js';

const { config: _, seed: __, ...shared } = configOptions;

const options = {
  ...shared,
  seeds: {
    type: 'string',
    requiresArg: true,
    describe: 'Seeds to train each config with: 5 for 1 to 5, or a list such as 3,7,9',
    defaultDescription: "the config's own",
  },
  epochs: { type: 'number', requiresArg: true, describe: 'In place of training.epochs' },
  weights: {
    choices: weightsChoices,
    default: 'best' as const,
    describe: 'Which weights the differences are of: those best on validation, or the last',
  },
  out: {
    type: 'string',
    requiresArg: true,
    describe:
      'Folder of the trainings and the comparison; trainings that it holds already are not made again',
    defaultDescription: 'runs/compare-TIME',
  },
  quiet: { type: 'boolean', default: false, describe: 'Only the result and errors' },
} as const;

type Arguments = InferredOptionTypes<typeof options> & { what: string[] };

/** Options that change a config and have no effect on a run. */
const ofConfigs = ['seeds', 'epochs', 'batch-size', 'source'] as const;

/** `lockstep compare`: networks side by side, and whether they differ by more than chance. */
export const compareCommand: CommandModule<object, Arguments> = {
  command: 'compare <what..>',
  describe: 'Train configs, or take runs, and compare them on one page',
  builder: (yargs) =>
    (yargs as Argv<object>)
      .positional('what', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Config files, which are trained, and run directories',
      })
      .options(options)
      .example([
        ['$0 compare configs/lenet5.json configs/improved.json --seeds 5 --out runs/seeds', ''],
        ['$0 compare runs/a runs/b', ''],
      ])
      .check((values) => {
        checkThreads(values);
        sharedBytesOf(values);
        if (values.seeds !== undefined) parseSeeds(values.seeds);
        return true;
      }) as Argv<Arguments>,
  handler: (args) => reported((reporter) => compareAll(args, reporter), args.quiet),
};

async function compareAll(args: Arguments, reporter: Reporter): Promise<void> {
  const items = args.what.map((from) => itemOf(from, args));
  requireConfig(items, args);
  const out = args.out ?? join(runsFolder, `compare-${timestamp(new Date())}`);
  makeFolder(out);
  const threads = threadsOf(args);
  const sharedBytes = sharedBytesOf(args);
  const candidates = await trainItems(items, { out, threads, sharedBytes, quiet: args.quiet, reporter });
  const comparison = await compare(candidates, {
    weights: args.weights,
    threads,
    data: args.data,
    onProgress: (progress) => reporter.dataProgress(progress),
  });
  await writeComparison(out, comparison, candidates);
  reporter.close();
  const tables = tablesOf(comparison).map(terminalTable);
  const files = Object.values(comparisonFiles).join(', ');
  const parts = [...tables, ...findings(comparison).map((text) => `${text}\n`), `${files} in ${out}`];
  print(parts.join('\n'));
}

/** A folder is a run; anything else is taken as a config. */
function itemOf(from: string, args: Arguments): Item {
  if (statSync(from, { throwIfNoEntry: false })?.isDirectory() === true)
    return { from, run: openEnded(from) };
  const seeds = args.seeds === undefined ? [undefined] : parseSeeds(args.seeds);
  return { from, configs: seeds.map((seed) => configOf({ ...args, config: from, seed })) };
}

function requireConfig(items: readonly Item[], args: Arguments): void {
  if (items.some((item) => 'configs' in item)) return;
  const given =
    ofConfigs.find((option) => args[option] !== undefined) ?? (args.set.length > 0 ? 'set' : undefined);
  if (given === undefined) return;
  throw new UserError(
    `--${given} changes configs, but only runs are given, which are trained already; give a config file`,
    ExitCode.usage,
  );
}

const largestSeed = 0xffffffff;
const mostSeeds = 1000;

/**
 * The seeds that `--seeds` asks for: `5` is 1 to 5, `3,7,9` are these.
 * @throws Error with the reason, for yargs to show
 */
export function parseSeeds(text: string): number[] {
  const numbers = text.split(',').map((part) => (/^ *\d+ *$/.test(part) ? Number(part) : Number.NaN));
  if (numbers.length === 1) {
    const [count] = numbers as [number];
    if (count >= 1 && count <= mostSeeds) return Array.from({ length: count }, (_, i) => i + 1);
  } else if (numbers.every((seed) => seed <= largestSeed) && new Set(numbers).size === numbers.length) {
    return numbers;
  }
  throw new Error(
    `--seeds is ${text}, but needs how many, from 1 to ${mostSeeds}, or different seeds from 0 to ${largestSeed}, such as 3,7,9`,
  );
}
