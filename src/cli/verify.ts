import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import { counted } from '../data/faults.js';
import { fingerprintOf } from '../data/fingerprint.js';
import { ExitCode, UserError } from '../errors.js';
import { numericsVersion } from '../numerics/version.js';
import { NodeEngine } from '../platform/node-engine.js';
import type { InitRecord } from '../runs/initial-weights.js';
import type { Reporter } from '../runs/reporter.js';
import type { SavedRun } from '../runs/saved-run.js';
import { type Verification, verifyRun } from '../runs/verification.js';
import type { Group } from '../runtime/group.js';
import { preflight } from '../training/preflight.js';
import { openResumed } from '../training/resume.js';
import { openTogether, together } from '../training/together.js';
import { readInit } from '../training/train-config.js';
import { checkCount, checkThreads, configOptions, sharedBytesOf, threadsOf } from './config-options.js';
import { tensorTable } from './diff.js';
import { leadJob } from './follow.js';
import { print, printJson } from './output.js';
import { checkRanks, onRanks, rankOptions } from './rank-options.js';
import { reported } from './reported.js';

const options = {
  epochs: {
    type: 'number',
    requiresArg: true,
    describe: 'Repeat the first so many alone',
    defaultDescription: 'all',
  },
  data: { ...configOptions.data, describe: 'Where the dataset lies now, in place of data.dir' },
  threads: configOptions.threads,
  memory: configOptions.memory,
  ...rankOptions,
  json: { type: 'boolean', default: false, describe: 'Print JSON' },
} as const;

type Arguments = InferredOptionTypes<typeof options> & { readonly run: string };

/** `lockstep verify`: trains a run again, and says whether the bits are the same. Nothing is written. */
export const verifyCommand: CommandModule<object, Arguments> = {
  command: 'verify <run>',
  describe: 'Repeat a run and say whether the bits agree; exit code 6 where they do not',
  builder: (yargs) =>
    (yargs as Argv<object>)
      .positional('run', { type: 'string', demandOption: true, describe: 'Run directory' })
      .options(options)
      .example([
        ['$0 verify runs/tuned', ''],
        ['$0 verify runs/tuned --epochs 2 --threads 1', ''],
      ])
      .check((values) => {
        checkThreads(values);
        sharedBytesOf(values);
        if (values.epochs !== undefined) checkCount('epochs', values.epochs);
        checkRanks(values);
        return true;
      }) as unknown as Argv<Arguments>,
  handler: (args) =>
    onRanks(args, (group) =>
      reported(async (reporter) => {
        const verification = await verify(args, reporter, group);
        if (args.json) printJson(verification);
        else print(describe(verification));
        if (!verification.agrees) process.exitCode = ExitCode.different;
      }),
    ),
};

async function verify(args: Arguments, reporter: Reporter, group: Group | undefined): Promise<Verification> {
  const { run, epochs, config } = await leadJob(group, () => {
    const run = openResumed(args.run, { data: args.data });
    requireSameNumerics(run);
    return { run, epochs: epochsToRepeat(run, args.epochs), config: run.config };
  });
  const threads = threadsOf(args);
  const sharedBytes = sharedBytesOf(args);
  const { initial, source } = await together(group, async () => {
    const note = (text: string) => reporter.note(text);
    const { network, classes, source } = await preflight(config, threads, sharedBytes, note, group);
    const initial = readInit(config, network, classes);
    requireSameInit(run, initial?.record);
    return { initial, source };
  });
  const dataset = await openTogether(group, config.data, source, reporter);
  let engine: NodeEngine | undefined;
  try {
    engine = await together(group, async () => {
      requireSameData(run, fingerprintOf(dataset));
      engine = new NodeEngine(config, dataset, { threads, sharedBytes, group });
      return engine;
    });
    engine.lead();
    initial?.put(engine);
    return await verifyRun(run, engine, epochs, (epoch, same) =>
      reporter.note(`epoch ${epoch} of ${epochs}: ${same ? 'the same bits' : 'not the same'}`),
    );
  } finally {
    await engine?.close();
  }
}

function epochsToRepeat({ directory, epochs, summary }: SavedRun, asked = epochs.length): number {
  if (epochs.length === 0 && !summary?.end?.steps) {
    throw new UserError(
      `${directory} has no whole epoch: there is nothing to hold it against`,
      ExitCode.usage,
    );
  }
  if (asked <= epochs.length) return asked;
  throw new UserError(`--epochs is ${asked}, but ${directory} has done ${epochs.length}`, ExitCode.usage);
}

function requireSameNumerics({ directory, summary }: SavedRun): void {
  const found = summary?.numericsVersion ?? numericsVersion;
  if (found === numericsVersion) return;
  throw new UserError(
    `${directory} was trained with numerics version ${found}, and this is version ${numericsVersion}: the bits are not meant to be the same; ` +
      'use the lockstep that trained it',
    ExitCode.usage,
  );
}

function requireSameInit({ directory, summary }: SavedRun, found: InitRecord | undefined): void {
  const expected = summary?.init;
  if (expected == null || found === undefined || expected.sha256 === found.sha256) return;
  throw new UserError(
    `${found.file} is not what ${directory} started from: the SHA-256 of the weights taken is ${found.sha256}, and that run's was ${expected.sha256}; ` +
      'put the file back as it was',
    ExitCode.data,
  );
}

function requireSameData({ directory, summary, config }: SavedRun, found: string): void {
  const expected = summary?.datasetSha256 ?? found;
  if (expected === found) return;
  throw new UserError(
    `${config.data.dir} is not the dataset of ${directory}: its SHA-256 is ${found}, and that run's was ${expected}; ` +
      'images, labels or classes have changed, or data.features has. Give the folder with --data',
    ExitCode.data,
  );
}

function describe({ agrees, epochs, steps, weightsSha256, difference }: Verification): string {
  const what = `${counted(epochs, 'epoch')}${steps > 0 ? ` and ${counted(steps, 'step')}` : ''} repeated`;
  if (agrees) return `${what}: every bit is the same. Weights' SHA-256 ${weightsSha256}`;
  const { epoch, step, what: found, weights } = difference!;
  const where = `epoch ${epoch}${step === undefined ? '' : `, step ${step}`}`;
  const kept =
    weights === undefined
      ? 'No weights that the run kept from there on differ.'
      : `In ${weights.file}, after epoch ${weights.epoch}, first ${weights.tensors[0]!.name}:\n${tensorTable(weights.tensors)}`;
  return `${what}: the bits differ, first the ${found} of ${where}.\n${kept}`;
}
