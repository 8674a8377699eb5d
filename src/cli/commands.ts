import type { CommandModule } from 'yargs';
import { compareCommand } from './compare.js';
import { crossvalidateCommand } from './crossvalidate.js';
import { dashboardCommand } from './dashboard.js';
import { dataCommand } from './data.js';
import { diffCommand } from './diff.js';
import { evaluateCommand } from './evaluate.js';
import { exportCommand } from './export.js';
import { importCommand } from './import.js';
import { lrFindCommand } from './lr-find.js';
import { newCommand } from './new.js';
import { predictCommand } from './predict.js';
import { profileCommand } from './profile.js';
import { reportCommand } from './report.js';
import { searchCommand } from './search.js';
import { trainCommand } from './train.js';
import { verifyCommand } from './verify.js';

/** The commands of `lockstep`, in the order of its help. */
export const commands = [
  newCommand,
  trainCommand('train'),
  evaluateCommand,
  predictCommand,
  reportCommand,
  exportCommand,
  importCommand,
  compareCommand,
  searchCommand,
  crossvalidateCommand,
  dashboardCommand,
  verifyCommand,
  diffCommand,
  dataCommand,
  lrFindCommand,
  profileCommand,
] as unknown as readonly CommandModule[];
