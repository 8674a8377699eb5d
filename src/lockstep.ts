#!/usr/bin/env node
import { commandLine } from './commands/cli.js';
import { dashboardCommand } from './commands/dashboard.js';
import { dataCommand } from './commands/data.js';
import { profileCommand } from './commands/profile.js';
import { trainCommand } from './commands/train.js';

await commandLine('lockstep')
  .command(trainCommand('train'))
  .command(dashboardCommand)
  .command(profileCommand)
  .command(dataCommand)
  .demandCommand(1, 'which command?')
  .parseAsync();
