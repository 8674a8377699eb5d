import { join } from 'node:path';
import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import { ExitCode, UserError } from '../errors.js';
import { makeFolder } from '../files/folder.js';
import { runsFolder, timestamp } from '../runs/directory.js';
import type { Reporter } from '../runs/reporter.js';
import type { EndedRun } from '../views/compare/candidate.js';
import { openEnded } from '../views/compare/existing-runs.js';
import { crossValidation, foldsTable } from '../views/crossvalidate/folds.js';
import { crossValidationFiles, writeCrossValidation } from '../views/crossvalidate/write.js';
import { terminalTable } from '../views/text-table.js';
import { checkThreads, configOf, configOptions, sharedBytesOf, threadsOf } from './config-options.js';
import { checkFolds, foldChange, foldsOption } from './folds.js';
import { print } from './output.js';
import { reported } from './reported.js';
import { SearchTrainings } from './search-trainings.js';

const options = {
  ...configOptions,
  folds: { ...foldsOption, default: 5 },
  epochs: { type: 'number', requiresArg: true, describe: 'In place of training.epochs' },
  out: {
    type: 'string',
    requiresArg: true,
    describe: 'Folder of the trainings and the result; what was interrupted goes on there',
    defaultDescription: 'runs/crossvalidate-TIME',
  },
  quiet: { type: 'boolean', default: false, describe: 'Only the result and errors' },
} as const;

type Arguments = InferredOptionTypes<typeof options>;

/** `lockstep crossvalidate`: how well a config does, by all of its training and validation images. */
export const crossvalidateCommand: CommandModule<object, Arguments> = {
  command: 'crossvalidate',
  describe: 'k-fold cross-validation: each fold validates a training on the others',
  builder: (yargs) =>
    (yargs as Argv<object>)
      .options(options)
      .example('$0 crossvalidate --config configs/tuned/lenet5.json --folds 5 --out runs/folds', '')
      .check((values) => {
        checkThreads(values);
        sharedBytesOf(values);
        checkFolds(values.folds);
        return true;
      }) as Argv<Arguments>,
  handler: (args) => reported((reporter) => crossvalidate(args, reporter), args.quiet),
};

async function crossvalidate(args: Arguments, reporter: Reporter): Promise<void> {
  const { folds, quiet } = args;
  const configs = Array.from({ length: folds }, (_, fold) => configOf(args, [foldChange(fold, folds)]));
  const trial = { number: 1, values: {}, name: '', configs };
  const rung = { trials: 1, epochs: undefined };
  const out = args.out ?? join(runsFolder, `crossvalidate-${timestamp(new Date())}`);
  const [threads, sharedBytes] = [threadsOf(args), sharedBytesOf(args)];
  const trainings = new SearchTrainings([trial], [rung], { out, threads, sharedBytes, quiet, reporter });
  makeFolder(out);
  const runs: EndedRun[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const { directory } = await trainings.train({ trial, rung, fold, place: `${fold + 1} of ${folds}` });
    runs.push(openEnded(directory));
  }
  const validation = crossValidation(args.config, runs);
  await writeCrossValidation(out, validation, runs);
  reporter.close();
  print(
    `${terminalTable(foldsTable(validation))}\n${Object.values(crossValidationFiles).join(', ')} in ${out}`,
  );
  if (validation.folds.every(({ measures }) => measures === null))
    throw new UserError('every fold has diverged', ExitCode.training);
}
