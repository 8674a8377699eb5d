#!/usr/bin/env node
import { requireNode } from './platform/node-version.js';

// Before anything is loaded: by default it opens a debugger's port.
process.on('SIGUSR1', () => {});
requireNode();
const { commandLine } = await import('./cli/cli.js');
const { commands } = await import('./cli/commands.js');

await commandLine('lockstep')
  .command([...commands])
  .demandCommand(1, 'which command?')
  .parseAsync();
