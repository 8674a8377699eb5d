import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import { splitNames } from '../data/dataset.js';
import type { Reporter } from '../runs/reporter.js';
import { openRun } from '../runs/saved-run.js';
import { bytesText } from '../views/format.js';
import { reportFile, writeReport } from '../views/report/write-report.js';
import { checkThreads, configOptions, threadsOf } from './config-options.js';
import { print } from './output.js';
import { reported } from './reported.js';
import { weightsOption } from './run-options.js';

const options = {
  split: { choices: splitNames, default: 'test' as const, describe: 'Which images are evaluated' },
  weights: weightsOption,
  out: {
    type: 'string',
    requiresArg: true,
    describe: 'The page, of a single run; one that is there is replaced',
    defaultDescription: `RUN/${reportFile}`,
  },
  plots: {
    type: 'boolean',
    default: true,
    describe: 'Write each plot as SVG and PNG into plots beside the page; --no-plots leaves them out',
  },
  data: {
    type: 'string',
    requiresArg: true,
    describe: 'Folder of another dataset with the same classes',
    defaultDescription: "the run's own",
  },
  threads: configOptions.threads,
} as const;

type Arguments = InferredOptionTypes<typeof options> & { runs: string[] };

/** `lockstep report`: one page on each of some runs. */
export const reportCommand: CommandModule<object, Arguments> = {
  command: 'report <runs..>',
  describe: 'Write a page on a run: curves, evaluation, mistakes, network, augmentation, recipe',
  builder: (yargs) =>
    (yargs as Argv<object>)
      .positional('runs', { type: 'string', array: true, demandOption: true, describe: 'Run directories' })
      .options(options)
      .example([['$0 report runs/improved-2026-01-31T09-05-00Z', '']])
      .check((values) => {
        checkThreads(values);
        if (values.out !== undefined && values.runs.length > 1)
          throw new Error(`--out names one page, but there are ${values.runs.length} runs; leave it out`);
        return true;
      }) as Argv<Arguments>,
  handler: (args) => reported((reporter) => report(args, reporter)),
};

async function report(args: Arguments, reporter: Reporter): Promise<void> {
  // A wrong folder among them is known before the first page is made.
  for (const run of args.runs.map((run) => openRun(run))) {
    const written = await writeReport(run, {
      split: args.split,
      choice: args.weights,
      threads: threadsOf(args),
      data: args.data,
      out: args.out,
      plots: args.plots,
      onProgress: (progress) => reporter.dataProgress(progress),
    });
    for (const note of written.notes) reporter.note(note);
    const size = bytesText(written.bytes);
    const plots = written.plots === undefined ? '' : `, and plots in ${written.plots}`;
    print(`${written.page}: ${size}${plots}`);
  }
}
