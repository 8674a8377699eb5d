import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import { Dashboard } from '../dashboard/dashboard.js';
import { runsFolder } from '../run/directory.js';
import { createReporter, type RunReporter } from '../run/log.js';
import type { Observer } from '../run/observer.js';
import { checkValues } from './cli.js';
import { checkThreads, configOf, configOptions, sharedBytesOf, threadsOf } from './config-options.js';
import { addressOptions, announce, checkPort } from './dashboard-options.js';
import { reportFailure } from './failure.js';
import { trainConfig } from './train-config.js';

const options = {
  ...configOptions,
  epochs: { type: 'number', requiresArg: true, describe: 'In place of training.epochs' },
  out: { type: 'string', requiresArg: true, describe: 'Run directory', defaultDescription: 'runs/NAME-TIME' },
  init: { type: 'string', requiresArg: true, describe: 'Start from the weights in this safetensors file' },
  'log-format': {
    choices: ['auto', 'pretty', 'json'] as const,
    default: 'auto' as const,
    describe: 'Lines for people or for programs; auto: by whether it is a terminal',
  },
  dashboard: {
    type: 'boolean',
    default: false,
    describe: 'Serve a page that shows the training while it runs; its address is printed',
  },
  'dashboard-host': addressOptions.host,
  'dashboard-port': addressOptions.port,
  quiet: { type: 'boolean', default: false, describe: 'Only errors' },
} as const;

type Arguments = InferredOptionTypes<typeof options>;

/** `lockstep train`, and, as the default command of its own program, `node dist/train.js`. */
export const trainCommand = (command: 'train' | '$0'): CommandModule<object, Arguments> => ({
  command,
  describe: 'Train a classifier as a config says',
  builder: (yargs) =>
    (yargs as Argv<object>)
      .options(options)
      // Without a description each stays on one line.
      .example(
        [
          '--config configs/improved.json --threads 8',
          '--config configs/lenet5.json --data pictures',
          '--config configs/lenet5.json --epochs 5 --set optimizer.learningRate=0.01',
        ].map((example): [string, string] => [`$0${command === '$0' ? '' : ` ${command}`} ${example}`, '']),
      )
      .check((values) => {
        checkValues(options, values);
        checkThreads(values);
        sharedBytesOf(values);
        checkDashboard(values);
        return true;
      }) as Argv<Arguments>,
  handler: async (args) => {
    const address = { host: args['dashboard-host'], port: args['dashboard-port'] };
    const dashboard = args.dashboard
      ? new Dashboard({ ...address, runs: runsFolder, live: true })
      : undefined;
    const reporter = createReporter({
      format: args['log-format'],
      quiet: args.quiet,
      also: dashboard ? [dashboard.reporter] : [],
    });
    try {
      if (dashboard !== undefined) announce(await dashboard.open(), address.host);
      await train(args, reporter, dashboard ? [dashboard.observer] : []);
    } catch (error) {
      reportFailure(error, reporter);
    } finally {
      reporter.close();
      await dashboard?.close();
    }
  },
});

function checkDashboard(values: Pick<Arguments, 'dashboard' | 'dashboard-host' | 'dashboard-port'>): void {
  const { dashboard, 'dashboard-host': host, 'dashboard-port': port } = values;
  checkPort(port, 'dashboard-');
  const isDefault = host === addressOptions.host.default && port === addressOptions.port.default;
  if (!dashboard && !isDefault) throw new Error('--dashboard-host and --dashboard-port need --dashboard');
}

async function train(args: Arguments, reporter: RunReporter, observers: readonly Observer[]): Promise<void> {
  await trainConfig(configOf(args), {
    threads: threadsOf(args),
    sharedBytes: sharedBytesOf(args),
    out: args.out,
    reporter,
    observers,
  });
}
