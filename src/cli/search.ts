import { join } from 'node:path';
import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import type { Change } from '../config/overrides.js';
import type { CompleteConfig } from '../config/resolved.js';
import { ExitCode, UserError } from '../errors.js';
import { makeFolder } from '../files/folder.js';
import { metricNames } from '../runs/best.js';
import { runPath, runsFolder, timestamp } from '../runs/directory.js';
import { goesByBalance } from '../runs/metrics.js';
import type { Reporter } from '../runs/reporter.js';
import { rungsOf } from '../search/rungs.js';
import { runSearch } from '../search/search.js';
import { type CompleteSearch, checked, loadSearch, type SearchFile } from '../search/search-file.js';
import { trialValues } from '../search/space.js';
import { type SearchRecord, searchRecord } from '../views/search/record.js';
import { measuredText, rungsTable, trialsTable } from '../views/search/tables.js';
import { searchFiles, writeSearch } from '../views/search/write.js';
import { terminalTable } from '../views/text-table.js';
import { checkThreads, configOf, configOptions, sharedBytesOf, threadsOf } from './config-options.js';
import { checkFolds, foldChange, foldsOption } from './folds.js';
import { print } from './output.js';
import { reported } from './reported.js';
import { type ConfiguredTrial, SearchTrainings } from './search-trainings.js';

const { config: _, ...shared } = configOptions;

const options = {
  ...shared,
  config: { type: 'string', requiresArg: true, describe: "Config file, in place of the search file's" },
  folds: foldsOption,
  epochs: { type: 'number', requiresArg: true, describe: 'In place of training.epochs' },
  out: {
    type: 'string',
    requiresArg: true,
    describe: 'Folder of the trainings and the result; a search that was interrupted goes on there',
    defaultDescription: 'runs/search-TIME',
  },
  quiet: { type: 'boolean', default: false, describe: 'Only the result and errors' },
} as const;

type Arguments = InferredOptionTypes<typeof options> & { search: string };

/** Trials that the terminal shows; the page has them all. */
const shownTrials = 20;

/** `lockstep search`: many trainings of a config with other values, and which are best. */
export const searchCommand: CommandModule<object, Arguments> = {
  command: 'search <search>',
  describe: 'Search values of a config: at random, or by successive halving',
  builder: (yargs) =>
    (yargs as Argv<object>)
      .positional('search', {
        type: 'string',
        demandOption: true,
        describe: 'Search file (JSON): the config, what is searched, and how',
      })
      .options(options)
      .example([
        ['$0 search rates.json --out runs/rates', ''],
        ['$0 search rates.json --config configs/lenet5.json --folds 5', ''],
      ])
      .check((values) => {
        checkThreads(values);
        sharedBytesOf(values);
        checkFolds(values.folds);
        return true;
      }) as Argv<Arguments>,
  handler: (args) => reported((reporter) => search(args, reporter), args.quiet),
};

async function search(args: Arguments, reporter: Reporter): Promise<void> {
  const given = searchOf(args);
  const own = { ...args, config: given.config };
  const { epochs, bestBy } = configOf(own).training;
  const file: CompleteSearch = { ...given, metric: given.metric ?? bestBy };
  requireEpochs(file, epochs);
  const rungs = rungsOf(file.method, epochs);
  const trials = trialsOf(file, args.search, (changes) => configOf(own, changes));
  const out = args.out ?? join(runsFolder, `search-${timestamp(new Date())}`);
  const trainings = new SearchTrainings(trials, rungs, {
    out,
    threads: threadsOf(args),
    sharedBytes: sharedBytesOf(args),
    quiet: args.quiet,
    reporter,
  });
  makeFolder(out);
  const plan = { trials, rungs, metric: file.metric, folds: file.folds ?? 1 };
  const result = await runSearch(plan, (order) => trainings.train(order));
  const record = searchRecord(file, result);
  await writeSearch(out, record, result);
  reporter.close();
  const tables = [trialsTable(record, shownTrials), ...(rungs.length > 1 ? [rungsTable(record)] : [])];
  const files = `${Object.values(searchFiles).join(', ')} in ${out}`;
  print([...tables.map(terminalTable), ...bestText(record), files].join('\n'));
  if (record.best === null) throw new UserError('every trial has diverged', ExitCode.training);
}

/** The search file, with the options in place of its own. */
function searchOf(args: Arguments): SearchFile & { readonly config: string } {
  const file = loadSearch(args.search);
  const { config = file.config, folds = file.folds } = args;
  if (config === undefined) {
    throw new UserError(
      `${args.search} names no config; put "config" there, or give --config`,
      ExitCode.usage,
    );
  }
  return checked({ ...file, config, ...(folds !== undefined && { folds }) }, args.search);
}

function requireEpochs({ method }: SearchFile, epochs: number): void {
  if (method.type !== 'successiveHalving' || method.leastEpochs <= epochs) return;
  throw new UserError(
    `method.leastEpochs is ${method.leastEpochs}, but the config trains ${epochs} epochs; it must not be more`,
    ExitCode.usage,
  );
}

/** All trials, each config checked. Those that have the same values share their run directories. */
function trialsOf(
  file: CompleteSearch,
  path: string,
  configWith: (changes: readonly Change[]) => CompleteConfig,
): ConfiguredTrial[] {
  const digits = String(file.method.trials).length;
  const names = new Map<string, string>();
  const { folds } = file;
  const foldChanges =
    folds === undefined ? [[]] : Array.from({ length: folds }, (_, fold) => [foldChange(fold, folds)]);
  const trials: ConfiguredTrial[] = [];
  for (let number = 1; number <= file.method.trials; number++) {
    const values = trialValues(file, number);
    const drawn = JSON.stringify(values);
    const name = names.get(drawn) ?? `trial-${String(number).padStart(digits, '0')}`;
    names.set(drawn, name);
    const changes = Object.entries(values).map(([key, value]) => ({
      key,
      value,
      from: `${path}, trial ${number}: ${key} = ${JSON.stringify(value)}`,
    }));
    const configs = foldChanges.map((more) => configWith([...changes, ...more]));
    if (file.metric === 'balancedTop1' && !configs.every(goesByBalance)) throw notBalanced(number);
    trials.push({ number, values, name, configs });
  }
  return trials;
}

const notBalanced = (trial: number) =>
  new UserError(
    `the metric is balancedTop1, which trial ${trial} would not measure; have it measured with --set training.bestBy=balancedTop1`,
    ExitCode.usage,
  );

/** The best trial and what trains it again. */
function bestText({ best, trials, search }: SearchRecord): string[] {
  const [first] = trials;
  if (best === null || first === undefined) return [];
  const { metric } = search;
  const [run] = first.runs;
  return [
    `best: trial ${best}, validation ${metricNames[metric]} ${measuredText(first, metric)}; ${search.folds === undefined ? 'its config is' : "its first fold's config is"} ${runPath(run!.directory, 'config')}\n`,
  ];
}
