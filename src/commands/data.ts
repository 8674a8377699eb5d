import type { CommandModule } from 'yargs';
import { dataFetchCommand } from './data-fetch.js';
import { dataPreviewCommand } from './data-preview.js';

/** `lockstep data`: what there is to do with a dataset besides training from it. */
export const dataCommand: CommandModule = {
  command: 'data',
  describe: 'Fetch a dataset, or look into it',
  builder: (yargs) =>
    yargs.command(dataFetchCommand).command(dataPreviewCommand).demandCommand(1, 'which command?'),
  handler: () => {},
};
