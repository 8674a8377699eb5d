#!/usr/bin/env node
import { commandLine } from './commands/cli.js';
import { trainCommand } from './commands/train.js';

await commandLine('lockstep').command(trainCommand('train')).demandCommand(1, 'which command?').parseAsync();
