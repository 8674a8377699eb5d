#!/usr/bin/env node
import { requireNode } from './platform/node-version.js';

// Before anything is loaded: by default it opens a debugger's port.
process.on('SIGUSR1', () => {});
requireNode();
const { commandLine } = await import('./cli/cli.js');
const { trainCommand } = await import('./cli/train.js');

await commandLine('node dist/train.js').command(trainCommand('$0')).parseAsync();
