import type { CommandModule } from 'yargs';
import { dataFetchCommand } from './data-fetch.js';

/** `lockstep data`: what there is to do with a dataset besides training from it. */
export const dataCommand: CommandModule = {
  command: 'data',
  describe: 'Fetch a dataset',
  builder: (yargs) => yargs.command(dataFetchCommand).demandCommand(1, 'which command?'),
  handler: () => {},
};
