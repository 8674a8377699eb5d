import type { CommandModule } from 'yargs';
import { fetchCommand } from './data-fetch.js';
import { inspectCommand } from './data-inspect.js';
import { previewCommand } from './data-preview.js';

export const dataCommands = [
  fetchCommand,
  inspectCommand,
  previewCommand,
] as unknown as readonly CommandModule[];

/** `lockstep data`: what there is to do with a dataset besides training from it. */
export const dataCommand: CommandModule = {
  command: 'data',
  describe: 'Fetch a dataset, or look into it',
  builder: (yargs) => yargs.command([...dataCommands]).demandCommand(1, 'which command of data?'),
  handler: () => {},
};
