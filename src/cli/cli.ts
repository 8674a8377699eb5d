import yargs, { type Argv } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { nearest } from '../config/describe.js';
import { ExitCode, shortened, UserError } from '../errors.js';
import { launchedRanks, launcherWords } from '../mpi/launcher.js';
import { lockstepVersion } from '../runs/summary.js';
import { printable } from '../views/printable.js';
import { argumentFault, type KnownOptions } from './arguments.js';
import { endWith, letFirstRankSay, reportUncaught } from './failure.js';
import { endOnSignals, endWithReader } from './signals.js';

/** The command line's manners, the same for every command: strict options; a wrong one ends it with exit code 2 and the reason. */
export function commandLine(name: string): Argv {
  endWithReader();
  reportUncaught();
  endOnSignals();
  requireCurrentFolder();
  const args = withPaths(hideBin(process.argv));
  refuseCompletions(args);
  const cli: Argv = yargs(args);
  const refuse = (reason: string): never => {
    letFirstRankSay(ExitCode.usage);
    process.stderr.write(`error: ${printable(shortened(reason))}\nSee ${name} --help\n`);
    process.exit(ExitCode.usage);
  };
  return (
    cli
      .scriptName(name)
      .locale('en')
      // `--data.dir x` is not `--data` of an object, and each option has one name.
      .parserConfiguration({ 'greedy-arrays': false, 'dot-notation': false, 'camel-case-expansion': false })
      .middleware(() => {
        const known = optionsOf(cli);
        const fault = argumentFault(args, known) ?? launchFault(known);
        if (fault !== undefined) refuse(fault);
      }, true)
      .version(lockstepVersion())
      .help()
      .strict()
      .wrap(Math.min(110, process.stdout.columns ?? 110))
      .showHelpOnFail(false)
      .fail((message, error) => {
        // yargs has words for what is wrong with a command line; an error alone comes from elsewhere.
        if (!message) endWith(error);
        refuse(withNearest(message, cli));
      })
  );
}

/** All that follows `--` is a path, which yargs would leave aside: `-a.png` becomes `./-a.png`. */
function withPaths(args: readonly string[]): string[] {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const paths = args.slice(end + 1).map((path) => (/^-./.test(path) ? `./${path}` : path));
  return [...args.slice(0, end), ...paths];
}

/** yargs' word for an option that there is none of, with the nearest that there is. */
function withNearest(message: string, cli: Argv): string {
  const unknown = /^Unknown arguments?: (.+)$/.exec(message)?.[1]?.split(', ')[0];
  if (unknown === undefined) return message;
  const near = nearest(unknown, Object.keys(optionsOf(cli).key));
  return near === undefined ? message : `${message}; did you mean --${near}?`;
}

/** Of the command that the command line names. */
const optionsOf = (cli: Argv): KnownOptions => (cli as Argv & { getOptions(): KnownOptions }).getOptions();

/** Of a command that every rank would run for itself, all writing the same files. */
function launchFault({ key }: KnownOptions): string | undefined {
  const launched = launchedRanks(process.env);
  if (launched === undefined || Object.hasOwn(key, 'distributed')) return undefined;
  return (
    `this command runs in one process, and ${launcherWords[launched.launcher]} has started ${launched.size}: start it without; train, ` +
    'verify and profile run on several ranks'
  );
}

/** An option that yargs has of its own, for scripts that are not offered here: it throws at some command lines. */
function refuseCompletions(args: readonly string[]): void {
  const name = 'get-yargs-completions';
  if (!args.some((arg) => new RegExp(`^--(?:no-)?${name}(?:=|$)`).test(arg))) return;
  endWith(new UserError(`Unknown argument: ${name}`, ExitCode.usage));
}

/** A shell may stand in a folder that was removed; then no path means anything. */
function requireCurrentFolder(): void {
  try {
    process.cwd();
  } catch (error) {
    endWith(
      new UserError(`the current folder is not there: ${(error as Error).message}`, ExitCode.environment),
    );
  }
}
