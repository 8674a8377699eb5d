import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import { counted } from '../data/faults.js';
import { writeFileWhole } from '../files/whole-file.js';
import { NodeEngine } from '../platform/node-engine.js';
import { measure } from '../profile/measure.js';
import { describe } from '../profile/table.js';
import { traceFile } from '../profile/trace-file.js';
import type { Reporter } from '../runs/reporter.js';
import type { Group } from '../runtime/group.js';
import { preflight } from '../training/preflight.js';
import { openTogether, together } from '../training/together.js';
import {
  checkCount,
  checkThreads,
  configOf,
  configOptions,
  sharedBytesOf,
  threadsOf,
} from './config-options.js';
import { leadJob } from './follow.js';
import { print, printJson } from './output.js';
import { checkRanks, onRanks, rankOptions } from './rank-options.js';
import { reported } from './reported.js';

const options = {
  ...configOptions,
  steps: { type: 'number', default: 200, requiresArg: true, describe: 'Steps to record, at most an epoch' },
  trace: {
    type: 'string',
    default: 'trace.json',
    requiresArg: true,
    describe: 'The trace file, for ui.perfetto.dev or chrome://tracing; one that is there is replaced',
  },
  ...rankOptions,
  kernels: { type: 'boolean', default: false, describe: "Show each kernel's time below its layer's" },
  json: { type: 'boolean', default: false, describe: 'Print JSON instead of tables' },
} as const;

type Arguments = InferredOptionTypes<typeof options>;

/** `lockstep profile`: where the time of a config's training goes. Nothing of the training is kept. */
export const profileCommand: CommandModule<object, Arguments> = {
  command: 'profile',
  describe: 'Show where the time of a training step goes',
  builder: (yargs) =>
    (yargs as Argv<object>)
      .options(options)
      .example([
        ['$0 profile --config configs/lenet5.json', ''],
        ['$0 profile --config configs/improved.json --threads 8 --steps 50 --kernels', ''],
      ])
      .check((values) => {
        checkThreads(values);
        sharedBytesOf(values);
        checkCount('steps', values.steps);
        checkRanks(values);
        return true;
      }) as Argv<Arguments>,
  handler: (args) => onRanks(args, (group) => reported((reporter) => profile(args, reporter, group))),
};

async function profile(args: Arguments, reporter: Reporter, group: Group | undefined): Promise<void> {
  const threads = threadsOf(args);
  const sharedBytes = sharedBytesOf(args);
  const { config: complete } = await leadJob(group, () => {
    const config = configOf(args);
    return { config, profile: { engines: 2, samples: args.steps * config.training.batchSize } };
  });
  const note = (text: string) => reporter.note(text);
  const { config, source } = await together(group, () =>
    preflight(complete, threads, sharedBytes, note, group),
  );
  const dataset = await openTogether(group, config.data, source, reporter);
  const { recordings, network, ...measured } = await measure(
    config,
    dataset,
    args.steps,
    async (of, samples, trace) => {
      const options = { threads, sharedBytes, group, ...(trace && { trace }) };
      const engine = await together(group, async () => new NodeEngine(of, samples, options));
      engine.lead();
      return engine;
    },
  );
  const { steps, threads: had } = measured.profile;
  const { batchSize } = config.training;
  const title = `${config.name}: ${counted(steps, 'step')} of ${counted(batchSize, 'sample')} on ${counted(had, 'thread')}`;
  const trace = traceFile(title, recordings, network);
  writeFileWhole(args.trace, trace.text);
  const { profile, ...rest } = measured;
  if (args.json) {
    const about = {
      name: config.name,
      batchSize,
      node: process.versions.node,
      trace: args.trace,
      tracedSteps: trace.steps,
    };
    printJson({ ...about, ...rest, ...profile });
    return;
  }
  print(`${title}\n\n${describe(measured, args.kernels)}`);
  print(`trace        ${args.trace}: the first ${counted(trace.steps, 'step')}, for ui.perfetto.dev`);
}
