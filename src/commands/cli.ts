import yargs, { type Argv, type Options } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { nearest } from '../config/words.js';
import { ExitCode, shortened, UserError } from '../errors.js';
import { printable } from '../run/format.js';
import { lockstepVersion } from '../run/summary.js';
import { endWith, reportUncaught } from './failure.js';
import { readerLeft } from './signals.js';

/** The command line's manners, the same for every command: strict options; a wrong one ends it with exit code 2 and the reason. */
export function commandLine(name: string): Argv {
  endWithReader(process.stdout);
  endWithReader(process.stderr);
  reportUncaught();
  requireCurrentFolder();
  const args = withPaths(hideBin(process.argv));
  refuseCompletions(args);
  const cli: Argv = yargs(args);
  return (
    cli
      .scriptName(name)
      .locale('en')
      // `--data.dir x` is not `--data` of an object.
      .parserConfiguration({ 'greedy-arrays': false, 'dot-notation': false })
      .version(lockstepVersion())
      .help()
      .strict()
      .wrap(Math.min(110, process.stdout.columns ?? 110))
      .showHelpOnFail(false)
      .fail((message, error) => {
        // yargs has words for what is wrong with a command line; an error alone comes from elsewhere.
        if (!message) endWith(error);
        process.stderr.write(
          `error: ${printable(shortened(withNearest(message, cli)))}\nSee ${name} --help\n`,
        );
        process.exit(ExitCode.usage);
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
  const known = Object.keys((cli as Argv & { getOptions(): { key: object } }).getOptions().key);
  const near = nearest(unknown, known);
  return near === undefined ? message : `${message}; did you mean --${near}?`;
}

/**
 * What yargs lets pass: a number that is none, an empty value, and an option given twice that takes one value.
 * @throws Error with the reason, for yargs to show
 */
export function checkValues(options: Readonly<Record<string, Options>>, values: object): void {
  for (const [name, { array = false, type }] of Object.entries(options)) {
    const value: unknown = values[name as keyof typeof values];
    if (type !== 'boolean' && [value].flat().includes(false)) throw new Error(`there is no --no-${name}`);
    if (Array.isArray(value) && !array) throw new Error(`--${name} is given ${value.length} times`);
    if (Number.isNaN(value)) throw new Error(`--${name} needs a number`);
    if (value === '') throw new Error(`--${name} needs a value`);
  }
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

/**
 * A reader that leaves, as the one in `| head -1` does, ends the command without a word: nobody would read it. A training listens to
 * `readerLeft`, and saves first. A terminal that was closed ends nothing: SIGHUP says so to whoever is to end.
 */
function endWithReader(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (stream.isTTY && error.code === 'EIO') return;
    if (error.code === 'EPIPE' && stream.emit(readerLeft)) return;
    if (error.code !== 'EPIPE')
      process.stderr.write(`error: the output cannot be written: ${error.message}\n`);
    process.exit(ExitCode.environment);
  });
}
