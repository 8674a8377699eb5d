#!/usr/bin/env node
import { requireNode } from './node-version.js';

requireNode();
const { commandLine } = await import('./commands/cli.js');
const { trainCommand } = await import('./commands/train.js');

await commandLine('node dist/train.js').command(trainCommand('$0')).parseAsync();
