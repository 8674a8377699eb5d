import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import type { ConfigInput } from '../config/input.js';
import { parseConfig } from '../config/load.js';
import { applyOverrides } from '../config/overrides.js';
import { completeConfig } from '../config/resolve.js';
import { counted, dataError } from '../data/faults.js';
import { inspectSource } from '../data/inspect/inspect.js';
import { type Inspection, reportOf } from '../data/inspect/report.js';
import { brokenWarning } from '../data/inspect/warnings.js';
import { oneClassFault, onlyClassOf } from '../data/one-class.js';
import { openSource } from '../data/sources/open.js';
import { writeFileWhole } from '../files/whole-file.js';
import { requireRuntime } from '../platform/machine.js';
import { factsOf, type Reason, recommend } from '../recommend/recommend.js';
import { trainingSpeed } from '../recommend/speed.js';
import type { Reporter } from '../runs/reporter.js';
import { preflight } from '../training/preflight.js';
import { lockstepCommand, quoted } from '../views/command.js';
import { duration, integer } from '../views/format.js';
import { oneLine } from '../views/printable.js';
import { checkThreads, configOptions, dataWithoutConfig, threadsOf } from './config-options.js';
import { requireNew } from './new-file.js';
import { print } from './output.js';
import { reported } from './reported.js';

/** Letters of a note. */
const mostOfNote = 200;
/** Entries that are kept of each list of faults, of which only the counts are shown. */
const keptFaults = 1;

const options = {
  out: {
    type: 'string',
    requiresArg: true,
    describe: 'The config; a file that is there is never replaced',
    defaultDescription: 'beside the folder, with its name',
  },
  source: configOptions.source,
  set: {
    ...configOptions.set,
    describe:
      'data.key=value: how the folder is read, such as data.csv.label=breed; stands in the config too',
  },
  threads: configOptions.threads,
} as const;

type Arguments = InferredOptionTypes<typeof options> & { readonly dir: string };

/** `lockstep new`: from a folder of images to a config that trains on it. */
export const newCommand: CommandModule<object, Arguments> = {
  command: 'new <dir>',
  describe: 'Look at a folder of images and write a config that suits them',
  builder: (yargs) =>
    (yargs as Argv<object>)
      .positional('dir', { type: 'string', demandOption: true, describe: 'Folder of the dataset' })
      .options(options)
      .example([
        ['$0 new data/pets', ''],
        ['$0 new data/pets --out configs/pets.json', ''],
      ])
      .check((values) => {
        checkThreads(values);
        const other = values.set.find((change) => !change.startsWith('data.'));
        if (other === undefined) return true;
        throw new Error(`--set ${other} is not of the data; change the config when it is written`);
      }) as unknown as Argv<Arguments>,
  handler: (args) => reported((reporter) => create(args, reporter)),
};

async function create(args: Arguments, reporter: Reporter): Promise<void> {
  requireRuntime();
  const { dir, set, source: form } = args;
  const name = nameOf(dir);
  const out = args.out ?? join(folderBeside(dir), `${name}.json`);
  requireNew(out, '--out');
  const limits = dataWithoutConfig({ data: dir, source: form, set });
  const source = await openSource(limits);
  const only = onlyClassOf(source);
  if (only !== undefined) throw dataError(`${dir}: ${oneClassFault(only)}.`, dir);
  const threads = threadsOf(args);
  const findings = await inspectSource(source, {
    threads,
    limits,
    onProgress: (done, total) => reporter.dataProgress({ phase: 'inspecting', done, total }),
  });
  const inspection = reportOf(findings, keptFaults);
  const facts = factsOf(inspection);
  if (facts === undefined) {
    const first = inspection.broken.first[0];
    throw dataError(
      `${dir}: none of its images can be used${first === undefined ? '' : `; ${first.image}: ${first.reason}`}`,
      dir,
    );
  }
  const { config: found, reasons } = recommend(facts);
  const { data, ...recipe } = found;
  const config: ConfigInput = {
    name,
    data: { dir, ...(form !== undefined && form !== 'auto' && { source: form }), ...data },
    ...recipe,
  };
  applyOverrides(config, set);
  const known = new Set(inspection.notes);
  const checked = await preflight(completeConfig(parseConfig(config)), threads, undefined, (note) => {
    if (!known.has(note)) reporter.note(note);
  });
  const speed = await trainingSpeed(checked.config, facts.images, checked.classes.length, threads);
  requireNew(out, '--out');
  writeFileWhole(out, `${JSON.stringify(config, null, 2)}\n`);
  print(summary(inspection));
  for (const warning of warningsOf(inspection)) reporter.warning(warning);
  const parameters = { about: 'size', text: `${integer(checked.network.parameterCount)} parameters` };
  print(`\n${lines([...reasons, parameters, timeOf(facts.images, found.training.epochs, speed, threads)])}`);
  print(`\nwrote ${out}; next:\n\n  ${lockstepCommand} train --config ${quoted(out)}`);
}

/** The folder that holds another, as the user would write it. */
function folderBeside(dir: string): string {
  const above = dirname(resolve(dir));
  return isAbsolute(dir) ? above : relative('', above);
}

/** A config's name for a folder's. */
const nameOf = (dir: string): string =>
  basename(resolve(dir))
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64) || 'images';

function summary({ dir, notes, splits, classes, imbalance }: Inspection): string {
  const { train, validation, test } = splits;
  const counts = `${integer(train.images)} train, ${integer(validation.images)} validation, ${integer(test.images)} test images`;
  const evenness = `largest by smallest ${imbalance.toFixed(1)}`;
  return [
    `${dir}: ${counts} of ${integer(classes.length)} classes, ${evenness}`,
    ...notes.map((note) => `  ${note}`),
  ]
    .map((line) => oneLine(line, mostOfNote))
    .join('\n');
}

/** Broken images are a decision of their own. */
const warningsOf = ({ warnings, broken }: Inspection) =>
  warnings.filter((warning) => warning !== brokenWarning(broken.count));

function timeOf(images: number, epochs: number, speed: number, threads: number): Reason {
  const epoch = images / speed;
  const text = `${duration(epoch)} an epoch, ${duration(epochs * epoch)} in all, without validation and writing files: ${integer(speed)} images/s measured, ${counted(threads, 'thread')}`;
  return { about: 'time', text };
}

function lines(reasons: readonly Reason[]): string {
  const width = Math.max(...reasons.map(({ about }) => about.length));
  return reasons.map(({ about, text }) => `${about.padEnd(width)}  ${text}`).join('\n');
}
