import { statSync } from 'node:fs';
import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import { ExitCode, UserError } from '../errors.js';
import { runsFolder } from '../runs/directory.js';
import { TerminalReporter } from '../runs/terminal.js';
import { Dashboard } from '../views/dashboard/dashboard.js';
import { addressOptions, announce, checkPort } from './dashboard-options.js';
import { reportFailure } from './failure.js';

type Arguments = InferredOptionTypes<typeof addressOptions> & { dir: string };

/** `lockstep dashboard`: saved runs on a page, and those that a training elsewhere is writing. */
export const dashboardCommand: CommandModule<object, Arguments> = {
  command: 'dashboard [dir]',
  describe: 'Show and compare runs on a page, finished ones and running ones',
  builder: (yargs) =>
    (yargs as Argv<object>)
      .positional('dir', { type: 'string', default: runsFolder, describe: 'Folder of runs, or a run' })
      .options(addressOptions)
      .example([['$0 dashboard runs --port 8080', '']])
      .check((values) => {
        checkPort(values.port);
        return true;
      }) as Argv<Arguments>,
  handler: async ({ dir, host, port }) => {
    const reporter = new TerminalReporter(process.stderr, process.stderr);
    try {
      requireFolder(dir);
      const dashboard = new Dashboard({ host, port, runs: dir, live: false });
      announce(await dashboard.open(), host);
      await interruption();
      await dashboard.close();
    } catch (error) {
      reportFailure(error, reporter);
    }
  },
};

function requireFolder(dir: string): void {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new UserError(`${dir} is no folder; give one that holds runs, such as ${runsFolder}`, ExitCode.usage);
}

/** Resolves when the user interrupts the command. */
function interruption(): Promise<void> {
  return new Promise((resolve) => {
    // Something must keep the process alive: the server does not.
    const alive = setInterval(() => {}, 2 ** 30);
    const end = () => {
      clearInterval(alive);
      resolve();
    };
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
  });
}
