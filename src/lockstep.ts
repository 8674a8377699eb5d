#!/usr/bin/env node
import { commandLine } from './commands/cli.js';
import { trainCommand } from './commands/train.js';

await commandLine('lockstep')
  .command(trainCommand)
  .demandCommand(1, 'which command? See lockstep --help')
  .parseAsync();
