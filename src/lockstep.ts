#!/usr/bin/env node
import { requireNode } from './node-version.js';

requireNode();
const { commandLine } = await import('./commands/cli.js');
const { commands } = await import('./commands/commands.js');

await commandLine('lockstep')
  .command([...commands])
  .demandCommand(1, 'which command?')
  .parseAsync();
