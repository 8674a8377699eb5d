import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import type { DataConfig } from '../config/schema.js';
import { counted } from '../data/faults.js';
import type { ImageLimits } from '../data/images/decode.js';
import type { Findings } from '../data/inspect/findings.js';
import { inspectSource } from '../data/inspect/inspect.js';
import { type Inspection, reportOf } from '../data/inspect/report.js';
import { openSource } from '../data/sources/open.js';
import { ExitCode, UserError } from '../errors.js';
import { writeFileWhole } from '../files/whole-file.js';
import type { Reporter } from '../runs/reporter.js';
import { TerminalReporter } from '../runs/terminal.js';
import {
  checkCount,
  checkThreads,
  configOf,
  configOptions,
  dataWithoutConfig,
  threadsOf,
} from './config-options.js';
import { shownEntries } from './data-inspect-faults-text.js';
import { describe } from './data-inspect-text.js';
import { print, printJson } from './output.js';
import { reported } from './reported.js';

/** Images on a contact sheet: 130 MB of pixels. */
const mostCells = 10_000;

const options = {
  config: {
    ...configOptions.config,
    demandOption: false,
    describe: 'Config file (JSON), so that the dataset is read as a training with it does',
  },
  source: configOptions.source,
  set: configOptions.set,
  sheet: {
    type: 'boolean',
    default: true,
    describe: 'Draw a contact sheet: training images of each class; --no-sheet leaves it out',
  },
  out: {
    type: 'string',
    default: 'contact-sheet.png',
    requiresArg: true,
    describe: 'The contact sheet; one that is there is replaced',
  },
  'per-class': { type: 'number', default: 10, requiresArg: true, describe: 'Images of a class on the sheet' },
  classes: { type: 'number', default: 50, requiresArg: true, describe: 'Most classes on the sheet' },
  threads: { ...configOptions.threads, describe: 'Threads that decode; changes the speed, never the result' },
  json: { type: 'boolean', default: false, describe: 'Print JSON, with all that the tables leave out' },
} as const;

type Arguments = InferredOptionTypes<typeof options> & { readonly dir: string | undefined };

/** `lockstep data inspect`: what a dataset holds, and what is wrong with it. */
export const inspectCommand: CommandModule<object, Arguments> = {
  command: 'inspect [dir]',
  describe: 'Look at every image of a dataset: counts, sizes, broken files, duplicates, leaks',
  builder: (yargs) =>
    (yargs as Argv<object>)
      .positional('dir', { type: 'string', describe: "Folder of the dataset; the config's, if left out" })
      .options(options)
      .example([
        ['$0 data inspect pictures', ''],
        ['$0 data inspect pictures --per-class 20 --out pictures.png', ''],
        ['$0 data inspect pictures --json --no-sheet', ''],
        ['$0 data inspect pictures --set data.csv.label=breed', ''],
        ['$0 data inspect --config configs/tuned/improved.json', ''],
      ])
      .check((values) => {
        checkThreads(values);
        if (values['dir'] === undefined && values.config === undefined)
          throw new Error('nothing to inspect: give the folder of a dataset, or a config with --config');
        for (const name of ['per-class', 'classes'] as const) checkCount(name, values[name]);
        const cells = values['per-class'] * values.classes;
        if (cells <= mostCells) return true;
        throw new Error(
          `--per-class times --classes is ${cells}, but a sheet takes at most ${mostCells} images`,
        );
      }) as unknown as Argv<Arguments>,
  handler: (args) => reported((reporter) => inspect(args, reporter)),
};

async function inspect(args: Arguments, reporter: Reporter): Promise<void> {
  const config = dataOf(args);
  if (args.sheet) requireFolderOf(args.out);
  const source = await openSource(config);
  const findings = await inspectSource(source, {
    threads: threadsOf(args),
    limits: config,
    onProgress: (done, total) => reporter.dataProgress({ phase: 'inspecting', done, total }),
  });
  // Before the sheet, so that it is not lost where that cannot be written.
  if (args.json) printJson(reportOf(findings, Number.POSITIVE_INFINITY));
  else printReport(reportOf(findings, shownEntries));
  if (args.sheet) reporter.note(await writeSheet(findings, args, config));
}

function printReport(inspection: Inspection): void {
  print(describe(inspection));
  if (inspection.warnings.length > 0) print('');
  const out = new TerminalReporter(process.stdout, process.stderr);
  for (const warning of inspection.warnings) out.warning(warning);
}

/** What was drawn. */
async function writeSheet(findings: Findings, args: Arguments, limits: ImageLimits): Promise<string> {
  // It loads sharp, which takes 0.1 s that no other command needs to wait for.
  const { drawContactSheet } = await import('../views/pictures/contact-sheet.js');
  const sheet = await drawContactSheet(findings, args.classes, args['per-class'], limits);
  if (sheet === undefined) return 'no contact sheet: there is no training image that can be used';
  writeFileWhole(args.out, sheet.png);
  const all = findings.images.source.classes.length;
  const classes = sheet.classes < all ? `${sheet.classes} of ${all}` : `all ${all}`;
  return `${args.out}: ${counted(args['per-class'], 'training image')} of each of ${classes} classes, or as many as there are`;
}

/** So that a long inspection does not end without its sheet. */
function requireFolderOf(path: string): void {
  const folder = dirname(path);
  if (existsSync(folder)) return;
  throw new UserError(
    `${path} cannot be written: there is no folder ${folder}; make it, or name another one with --out`,
    ExitCode.environment,
    { path },
  );
}

function dataOf({ dir, config, source, set }: Arguments): DataConfig {
  const given = { data: dir, source, set };
  if (config === undefined) return dataWithoutConfig({ ...given, data: dir! });
  return configOf({ ...given, config }).data;
}
