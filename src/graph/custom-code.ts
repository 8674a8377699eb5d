import { ExitCode, UserError } from '../errors.js';

/** Own operators and losses: modules that a config names, and what they export. A network is built without them; who computes loads them. */

/** An export of a module, as a config's layer or loss names it. */
export interface CodePlace {
  /** Path of the module. */
  readonly module: string;
  readonly export: string;
  /** SHA-256 (hex) that the module's file must have; undefined: any. */
  readonly sha256?: string | undefined;
}

/** What the modules export that a network and its loss need, by `keyOf`. */
export type CustomCode = ReadonlyMap<string, unknown>;

/**
 * What a module exports.
 * @throws UserError where the file cannot be read, or is another than `sha256` says; whatever the module itself throws
 */
export type ImportModule = (place: CodePlace) => Promise<Readonly<Record<string, unknown>>>;

export const keyOf = ({ module, export: name }: CodePlace): string => `${module}#${name}`;

/** The factory that a place names. @throws Error where nobody has loaded it */
export function factoryOf(code: CustomCode | undefined, place: CodePlace): (...args: unknown[]) => unknown {
  const factory = code?.get(keyOf(place));
  if (typeof factory === 'function') return factory as (...args: unknown[]) => unknown;
  throw new Error(`${place.module} is not loaded: see loadCode`);
}

/** Own code, as errors name it: `layer swish1 (model.layers[2]): /home/me/swish.js`, and the path of its module. */
export interface CodeName {
  readonly text: string;
  readonly path?: string;
}

export const nameOf = (who: string, { module, export: name }: CodePlace): CodeName => ({
  text: `${who}: ${name === 'default' ? '' : `${name} of `}${module}`,
  path: module,
});

export const codeError = (
  { text, path }: CodeName,
  message: string,
  exitCode: ExitCode,
  cause?: unknown,
): UserError => new UserError(`${text}: ${message}`, exitCode, { cause, path });

/** Lines of a stack that a message shows. */
const shownFrames = 6;

/**
 * Calls own code; what it throws becomes a UserError that names it, with the stack. A promise is refused: nobody waits for it.
 * @param what is called: `backward`
 */
export function callCode<R>(name: CodeName, what: string, exitCode: ExitCode, call: () => R): R {
  let result: R;
  try {
    result = call();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw codeError(name, `${what} threw ${textOf(error)}`, exitCode, error);
  }
  if (typeof (result as { then?: unknown } | undefined)?.then === 'function') {
    // Whatever becomes of it, it ends nothing by itself.
    (result as unknown as Promise<unknown>).then(undefined, () => {});
    const message = `${what} returned a promise, and a training waits for none; make it a plain function, without async`;
    throw codeError(name, message, exitCode);
  }
  return result;
}

/** Own code's error with its stack, as far as it is own code's. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [, ...frames] = (error.stack ?? '').split('\n    at ');
  // The last frame before `callCode` is that of its caller's function.
  const called = frames.findIndex((frame) => frame.startsWith('callCode '));
  const own = (called < 0 ? frames : frames.slice(0, Math.max(1, called - 1)))
    .filter((frame) => !frame.includes('node:internal/'))
    .slice(0, shownFrames)
    .map((frame) => `\n    at ${frame.trim().replace(/\?sha256=\w+/, '')}`);
  return `${error.name}: ${error.message}${own.join('')}`;
}

/** The first value that is not finite, or -1. */
export function firstNotFinite(values: ArrayLike<number>): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) return i;
  return -1;
}

/** @throws UserError that says what own code gave of values that were all finite */
export function requireFinite(name: CodeName, what: string, values: ArrayLike<number>): void {
  const at = firstNotFinite(values);
  if (at < 0) return;
  const message =
    `${what}[${at}] is ${values[at]}, and all that it was made of is finite; check it with checkGradients, or try a smaller ` +
    'optimizer.learningRate where values have become too large';
  throw codeError(name, message, ExitCode.training);
}
