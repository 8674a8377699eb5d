#!/usr/bin/env node
import { commandLine } from './commands/cli.js';
import { trainCommand } from './commands/train.js';

await commandLine('train')
  .command({ ...trainCommand, command: '$0' })
  .parseAsync();
