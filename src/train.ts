#!/usr/bin/env node
import { requireNode } from './node-version.js';

// Before anything is loaded: by default it opens a debugger's port.
process.on('SIGUSR1', () => {});
requireNode();
const { commandLine } = await import('./commands/cli.js');
const { trainCommand } = await import('./commands/train.js');

await commandLine('node dist/train.js').command(trainCommand('$0')).parseAsync();
