#!/usr/bin/env node
import { commandLine } from './commands/cli.js';
import { commands } from './commands/commands.js';

await commandLine('lockstep')
  .command([...commands])
  .demandCommand(1, 'which command?')
  .parseAsync();
