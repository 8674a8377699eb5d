#!/usr/bin/env node
import { commandLine } from './commands/cli.js';
import { profileCommand } from './commands/profile.js';
import { trainCommand } from './commands/train.js';

await commandLine('lockstep')
  .command(trainCommand('train'))
  .command(profileCommand)
  .demandCommand(1, 'which command?')
  .parseAsync();
