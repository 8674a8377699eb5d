#!/usr/bin/env node
import { commandLine } from './commands/cli.js';
import { compareCommand } from './commands/compare.js';
import { dashboardCommand } from './commands/dashboard.js';
import { dataCommand } from './commands/data.js';
import { diffCommand } from './commands/diff.js';
import { evaluateCommand } from './commands/evaluate.js';
import { predictCommand } from './commands/predict.js';
import { profileCommand } from './commands/profile.js';
import { reportCommand } from './commands/report.js';
import { trainCommand } from './commands/train.js';
import { verifyCommand } from './commands/verify.js';

await commandLine('lockstep')
  .command(trainCommand('train'))
  .command(evaluateCommand)
  .command(predictCommand)
  .command(reportCommand)
  .command(compareCommand)
  .command(dashboardCommand)
  .command(verifyCommand)
  .command(diffCommand)
  .command(dataCommand)
  .command(profileCommand)
  .demandCommand(1, 'which command?')
  .parseAsync();
