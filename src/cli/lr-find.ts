import { join } from 'node:path';
import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import type { ResolvedConfig } from '../config/resolved.js';
import { counted } from '../data/faults.js';
import { ExitCode, UserError } from '../errors.js';
import { makeFolder } from '../files/folder.js';
import { writeFileWhole } from '../files/whole-file.js';
import { NodeEngine } from '../platform/node-engine.js';
import { runsFolder, timestamp } from '../runs/directory.js';
import {
  findRates,
  propose,
  type RangeTest,
  type RateRange,
  smoothing,
  withConstantRate,
} from '../runs/lr-finder.js';
import type { Reporter } from '../runs/reporter.js';
import { openReported } from '../training/open-data.js';
import { preflight } from '../training/preflight.js';
import { readInit } from '../training/train-config.js';
import { renderLearningRates } from '../views/charts/learning-rates.js';
import { toPng } from '../views/charts/render.js';
import { integer, nats } from '../views/format.js';
import { toJson } from '../views/printable.js';
import {
  checkCount,
  checkThreads,
  configOf,
  configOptions,
  sharedBytesOf,
  threadsOf,
} from './config-options.js';
import { print, printJson } from './output.js';
import { reported } from './reported.js';

const options = {
  ...configOptions,
  init: { type: 'string', requiresArg: true, describe: 'Start from these weights, as train --init' },
  from: {
    type: 'number',
    requiresArg: true,
    describe: 'Rate of the first step',
    defaultDescription: '1e-6; with loss.reduction sum, 1e-6 / training.batchSize',
  },
  to: {
    type: 'number',
    requiresArg: true,
    describe: 'Rate of the last step, unless the loss diverges before',
    defaultDescription: '10; with loss.reduction sum, 10 / training.batchSize',
  },
  steps: { type: 'number', default: 200, requiresArg: true, describe: 'Steps to train' },
  out: {
    type: 'string',
    requiresArg: true,
    describe: 'Folder for lr-find.json, lr-find.svg and lr-find.png; what is there is replaced',
    defaultDescription: 'runs/lr-find-TIME',
  },
  json: { type: 'boolean', default: false, describe: 'Print JSON' },
} as const;

type Arguments = InferredOptionTypes<typeof options>;

/** `lockstep lr-find`: a learning-rate range test. No weights are kept. */
export const lrFindCommand: CommandModule<object, Arguments> = {
  command: 'lr-find',
  describe: 'Propose a learning rate, by steps whose rate rises until the loss diverges',
  builder: (yargs) =>
    (yargs as Argv<object>)
      .options(options)
      .example([
        ['$0 lr-find --config configs/lenet5.json', ''],
        ['$0 lr-find --config configs/lenet5.json --set optimizer.type=adam --to 1', ''],
      ])
      .check((values) => {
        checkThreads(values);
        sharedBytesOf(values);
        checkCount('steps', values.steps);
        for (const name of ['from', 'to'] as const) {
          const value = values[name];
          if (value !== undefined && !(value > 0 && Number.isFinite(value)))
            throw new Error(`--${name} is ${value}, but needs a number above 0`);
        }
        return true;
      }) as Argv<Arguments>,
  handler: (args) => reported((reporter) => lrFind(args, reporter)),
};

async function lrFind(args: Arguments, reporter: Reporter): Promise<void> {
  const threads = threadsOf(args);
  const sharedBytes = sharedBytesOf(args);
  const complete = configOf(args);
  const range = rangeOf(complete, args);
  const { config, network, classes, source } = await preflight(complete, threads, sharedBytes, (note) =>
    reporter.note(note),
  );
  const initial = readInit(config, network, classes);
  for (const note of initial?.notes ?? []) reporter.note(note);
  const dataset = await openReported(config.data, source, reporter);
  const engine = new NodeEngine(withConstantRate(config), dataset, { threads, sharedBytes });
  let test: RangeTest;
  try {
    initial?.put(engine);
    test = await findRates(engine, config.optimizer.learningRate, range);
  } finally {
    await engine.close();
  }
  const proposal = propose(test);
  const out = args.out ?? join(runsFolder, `lr-find-${timestamp(new Date())}`);
  makeFolder(out);
  const about = { name: config.name, seed: config.seed, optimizer: config.optimizer.type };
  const { batchSize } = config.training;
  const proposed = proposal?.proposed ?? null;
  const found = { ...about, batchSize, ...range, smoothing, proposed, ...test };
  writeFileWhole(join(out, 'lr-find.json'), `${toJson(found, 2)}\n`);
  const svg = await renderLearningRates(
    `${config.name}, ${config.optimizer.type}`,
    test.tested,
    proposal?.proposed,
  );
  writeFileWhole(join(out, 'lr-find.svg'), svg);
  writeFileWhole(join(out, 'lr-find.png'), await toPng(svg));
  if (args.json) printJson(found);
  else print(`${describe(config, range, test, proposal)}\nlr-find.json, lr-find.svg, lr-find.png in ${out}`);
}

/** The default rates are for a mean over the batch. */
function rangeOf(
  { loss, training }: Pick<ResolvedConfig, 'loss' | 'training'>,
  { from, to, steps }: Arguments,
): RateRange {
  const part = loss.reduction === 'sum' ? training.batchSize : 1;
  const range = { from: from ?? 1e-6 / part, to: to ?? 10 / part, steps };
  if (range.from < range.to) return range;
  throw new UserError(
    `--from is ${range.from} and --to is ${range.to}; --to needs to be the larger one`,
    ExitCode.usage,
  );
}

const rateText = (rate: number) => String(Number(rate.toPrecision(2)));

function describe(
  { name, training }: ResolvedConfig,
  { from, to }: RateRange,
  { tested, diverged }: RangeTest,
  proposal: ReturnType<typeof propose>,
): string {
  const title = `${name}: ${counted(tested.length, 'step')} of ${integer(training.batchSize)} samples, rates from ${rateText(from)} to ${rateText(to)}`;
  if (proposal === undefined)
    return `${title}\nThe loss is not finite in the first step: try a smaller --from.`;
  const { smallest, proposed, isOpen } = proposal;
  return [
    title,
    `smallest loss  ${nats(smallest.smoothed)}, smoothed, at the rate ${rateText(smallest.rate)}`,
    diverged ? `diverged       at the rate ${rateText(tested.at(-1)!.rate)}` : 'diverged       no',
    proposed === undefined
      ? `proposed       nothing: the loss has not fallen by more than mini-batches differ. Try ${diverged ? '' : 'a larger --to, '}more --steps, or another network`
      : `proposed       optimizer.learningRate=${proposed}, a tenth of the rate with the smallest loss`,
    ...(isOpen ? ['The loss still fell at the last rate: a larger --to may show a larger rate.'] : []),
  ].join('\n');
}
