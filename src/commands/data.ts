import type { Argv, CommandModule } from 'yargs';
import { inspectCommand } from './data-inspect.js';
import { previewCommand } from './data-preview.js';

/** `lockstep data`: what to know of a dataset before a training. */
export const dataCommand: CommandModule = {
  command: 'data',
  describe: 'Look at datasets',
  builder: (yargs: Argv) =>
    yargs.command(inspectCommand).command(previewCommand).demandCommand(1, 'which command of data?'),
  handler: () => {},
};
