import { parseArgs } from 'node:util';
import { numberPattern } from '../config/json.js';

/** The options of the command that a command line names, as yargs keeps them. */
export interface KnownOptions {
  readonly key: Readonly<Record<string, unknown>>;
  readonly boolean: readonly string[];
  readonly number: readonly string[];
  /** Those that may be given more than once. */
  readonly array: readonly string[];
}

const decimal = new RegExp(`^(?:${numberPattern})$`);

/** What an empty argument mostly is. */
const unset = 'is a shell variable not set?';

/**
 * What is wrong with the arguments and yargs lets pass, for it has already made something of them: of an empty number and of `--no-seed` 0,
 * of `--quiet=yes` false. Undefined where nothing is. Every option of every command is held to the same: one that takes a value takes one
 * that is not empty, once, and has no `--no-` form; numbers are written as in a config.
 */
export function argumentFault(args: readonly string[], known: KnownOptions): string | undefined {
  const isFlag = (name: string) => known.boolean.includes(name);
  const names = Object.keys(known.key);
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(names.map((name) => [name, { type: isFlag(name) ? 'boolean' : 'string' }])),
    strict: false,
    tokens: true,
  });
  const times = new Map<string, number>();
  for (const token of tokens) {
    if (token.kind === 'positional' && token.value === '') return `an argument is empty; ${unset}`;
    if (token.kind !== 'option') continue;
    const { rawName, value } = token;
    const name = nameOf(rawName, known);
    if (name === undefined) continue;
    const isNegated = rawName !== `--${name}`;
    if (isNegated && !isFlag(name)) return `there is no ${rawName}: --${name} takes a value`;
    const fault = isFlag(name) ? flagFault(name, value) : valueFault(name, value, known);
    if (fault !== undefined) return fault;
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  const [repeated, count] =
    [...times].find(([name, count]) => count > 1 && !known.array.includes(name)) ?? [];
  return repeated === undefined ? undefined : `--${repeated} is given ${count} times; give it once`;
}

/** Without dashes and without `no-`; undefined of one that is not known, which yargs refuses. */
function nameOf(rawName: string, { key }: KnownOptions): string | undefined {
  const name = rawName.replace(/^--/, '');
  return [name, name.replace(/^no-/, '')].find((each) => Object.hasOwn(key, each));
}

function flagFault(name: string, value: string | undefined): string | undefined {
  if (value === undefined || value === 'true' || value === 'false') return undefined;
  return `--${name} takes no value, found ${JSON.stringify(value)}; give --${name} or --no-${name}`;
}

function valueFault(name: string, value: string | undefined, { number }: KnownOptions): string | undefined {
  if (value === undefined) return `--${name} needs a value`;
  if (value === '') return `--${name} is empty, but needs a value; ${unset}`;
  if (!number.includes(name)) return undefined;
  if (decimal.test(value) && Number.isFinite(Number(value))) return undefined;
  return `--${name} is ${JSON.stringify(value)}, but needs a number, written as 10, 0.5 or 1e-3`;
}
