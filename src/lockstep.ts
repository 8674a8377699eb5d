#!/usr/bin/env node
import { commandLine } from './commands/cli.js';
import { compareCommand } from './commands/compare.js';
import { dataCommand } from './commands/data.js';
import { evaluateCommand } from './commands/evaluate.js';
import { predictCommand } from './commands/predict.js';
import { profileCommand } from './commands/profile.js';
import { reportCommand } from './commands/report.js';
import { trainCommand } from './commands/train.js';

await commandLine('lockstep')
  .command(trainCommand('train'))
  .command(evaluateCommand)
  .command(predictCommand)
  .command(profileCommand)
  .command(dataCommand)
  .command(compareCommand)
  .command(reportCommand)
  .demandCommand(1, 'which command?')
  .parseAsync();
