import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import { fetchDataset } from '../data/fetch/fetch.js';
import { knownDatasets } from '../data/fetch/known.js';
import { print } from './output.js';
import { reported } from './reported.js';

type Name = keyof typeof knownDatasets;

const options = {
  from: {
    type: 'string',
    requiresArg: true,
    describe: "An http address with the same files, in place of the publisher's",
  },
  quiet: { type: 'boolean', default: false, describe: 'Only errors' },
} as const;

type Arguments = InferredOptionTypes<typeof options> & { name: Name; dir: string };

/** `lockstep data fetch`: a known dataset, from its publisher, as a folder to train from. */
export const fetchCommand: CommandModule<object, Arguments> = {
  command: 'fetch <name> <dir>',
  describe: 'Download a known dataset into a new folder, checked and unpacked',
  builder: (yargs) =>
    (yargs as Argv<object>)
      .positional('name', {
        choices: Object.keys(knownDatasets) as Name[],
        demandOption: true,
        describe: 'The dataset',
      })
      .positional('dir', {
        type: 'string',
        demandOption: true,
        describe: 'Its folder, which must be new or empty',
      })
      .options(options)
      .example([
        ['$0 data fetch mnist data/mnist', ''],
        ['$0 data fetch cifar10 data/cifar10 --from http://mirror.example/cifar', ''],
      ])
      .check((values) => {
        if (values.from === undefined || /^https?:$/.test(protocolOf(values.from))) return true;
        throw new Error(`--from is ${JSON.stringify(values.from)}, but needs an http or https address`);
      }) as Argv<Arguments>,
  handler: ({ name, dir, from, quiet }) =>
    reported(async (reporter) => {
      const fetched = await fetchDataset(name, knownDatasets[name], dir, {
        from,
        onProgress: (progress) => reporter.dataProgress(progress),
        onRetry: (message) => reporter.warning(message),
      });
      if (!quiet) print(`${name} is ${fetched ? '' : 'already '}in ${dir}`);
    }, quiet),
};

const protocolOf = (address: string) => (URL.canParse(address) ? new URL(address).protocol : '');
