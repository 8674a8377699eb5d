import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Sharp from 'sharp';
import type { Sharp as Pipeline } from 'sharp';
import { ExitCode, UserError } from '../../errors.js';

let loaded: typeof Sharp | undefined;

/**
 * Loads sharp when it is first needed; a training on packed data never needs it. It is loaded as a CommonJS module: as an ES module it
 * takes each thread 50 ms longer, the time of 200 images.
 * @throws UserError (exit code environment) where it cannot be loaded
 */
export function loadSharp(): typeof Sharp {
  if (loaded !== undefined) return loaded;
  try {
    loaded = createRequire(import.meta.url)('sharp') as typeof Sharp;
  } catch (cause) {
    throw missing(cause);
  }
  // There is one image in work for each core, so threads within an image would not help.
  loaded.concurrency(1);
  loaded.cache(false);
  return loaded;
}

/**
 * sharp's version, read from its package.json: loading sharp would take 0.1 s at every start.
 * @throws as `loadSharp`
 */
export function sharpVersion(): string {
  try {
    const manifest = readFileSync(new URL('../package.json', import.meta.resolve('sharp')), 'utf8');
    return (JSON.parse(manifest) as { version: string }).version;
  } catch (cause) {
    throw missing(cause);
  }
}

const missing = (cause: unknown) =>
  new UserError(
    `sharp, which decodes and draws images, cannot be loaded: ${reasonOf(cause)}`,
    ExitCode.environment,
    { cause },
  );

/** The `sharp` function, loaded on the first call. */
export const sharp = (...args: Parameters<typeof Sharp>): Pipeline => loadSharp()(...args);

/** sharp's message has many lines of advice; one of them is the reason. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('ERR_DLOPEN_DISABLED'))
    return 'Node was started so that it loads no native code; start it without --no-addons, and --permission with --allow-addons';
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  const reason =
    lines.find((line) => /^(ERR_|.*cannot open shared object)/.test(line)) ?? lines[0] ?? message;
  return `${reason.trim()}. Install it again with its optional dependencies: npm install --include=optional`;
}
