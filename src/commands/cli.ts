import yargs, { type Argv } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { ExitCode } from '../errors.js';
import { lockstepVersion } from '../run/summary.js';

/** The command line's manners, the same for every command: strict options, and exit code 2 with the reason for a wrong one. */
export function commandLine(name: string): Argv {
  const cli: Argv = yargs(hideBin(process.argv));
  return cli
    .scriptName(name)
    .parserConfiguration({ 'greedy-arrays': false, 'duplicate-arguments-array': false })
    .version(lockstepVersion())
    .help()
    .strict()
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .showHelpOnFail(false)
    .fail((message, error) => {
      process.stderr.write(`error: ${message ?? error.message}\nSee ${name} --help\n`);
      process.exit(ExitCode.usage);
    });
}
