#!/usr/bin/env node
import { commandLine } from './commands/cli.js';
import { trainCommand } from './commands/train.js';

await commandLine('node dist/train.js').command(trainCommand('$0')).parseAsync();
