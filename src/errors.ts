/** Exit codes of the commands; a user's script may rely on them. */
export const ExitCode = {
  ok: 0,
  /** A fault of lockstep's own: the stack trace is printed with a request to report it. */
  internal: 1,
  /** The command line or the config. Nothing was written. */
  usage: 2,
  /** The dataset: a missing folder, a faulty list, a broken image. */
  data: 3,
  /** The training itself: a loss that is not finite, an own layer or loss that fails. */
  training: 4,
  /** The machine: an output folder that cannot be written, a server that does not answer, a worker that died. */
  environment: 5,
  /** `verify` or `diff`: all went well, and the bits are not the same. */
  different: 6,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** What an error is about, in a word: the name of its exit code. */
export type ErrorCode = keyof typeof ExitCode;

export interface UserErrorOptions {
  readonly cause?: unknown;
  /** The file, or the key of a config such as `model.layers[2].kernelSize`, that is wrong. */
  readonly path?: string | undefined;
}

/**
 * Something that the user can mend. Commands print the message without a stack trace and end with `exitCode`.
 * The message says what was found, what was expected, where, and what to do.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  readonly code: ErrorCode;
  readonly exitCode: ExitCode;
  /** Of several faults the first one's; undefined where no one place is wrong. */
  readonly path: string | undefined;

  constructor(message: string, exitCode: ExitCode, { path, ...options }: UserErrorOptions = {}) {
    super(message, options);
    this.code = (Object.keys(ExitCode) as ErrorCode[]).find((name) => ExitCode[name] === exitCode)!;
    this.exitCode = exitCode;
    this.path = path;
  }
}

/** The user's own signal has stopped the work; the exit code is that signal's. */
export class Stopped extends UserError {}

/** Letters of a line: what it quotes may be a whole file. */
const longestLine = 600;

/** The text, its middle left out where it is too long for a message: it begins with the place and ends with the reason. */
export function shortened(text: string, most = longestLine): string {
  if (text.length <= most) return text;
  const end = Math.floor(most / 3);
  return `${text.slice(0, most - end - 1)}…${text.slice(-end)}`;
}

/** A value in few words. */
export function described(value: unknown): string {
  if (value === '') return 'an empty text';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  const { name } = (value.constructor ?? Object) as { name: string };
  if (name !== 'Object') return `a ${name}`;
  return `an object with ${Object.keys(value).slice(0, 8).join(', ') || 'no keys'}`;
}

/** `items` of a message, the first `most` of them and the number of the others: a line each, or with something else `between` them. */
export function listed(items: readonly string[], most: number, between = '\n'): string {
  const more = items.length > most ? [`and ${items.length - most} more`] : [];
  return [...items.slice(0, most).map((item) => shortened(item)), ...more].join(between);
}
