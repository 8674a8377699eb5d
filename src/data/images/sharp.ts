import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Sharp from 'sharp';
import type { Sharp as Pipeline } from 'sharp';
import { ExitCode, UserError } from '../../errors.js';

let loaded: typeof Sharp | undefined;

/**
 * sharp, when it is first needed: a training whose data is packed goes without it. As a CommonJS module: as an ES module it takes each
 * thread 50 ms longer to load, which is 200 images.
 * @throws UserError (exit code environment) where it cannot be loaded
 */
export function loadSharp(): typeof Sharp {
  if (loaded !== undefined) return loaded;
  try {
    loaded = createRequire(import.meta.url)('sharp') as typeof Sharp;
  } catch (cause) {
    throw missing(cause);
  }
  // As many images as there are cores are in work, so sharp needs no threads within an image.
  loaded.concurrency(1);
  loaded.cache(false);
  return loaded;
}

/**
 * From its package.json, since loading sharp takes 0.1 s that a start with a packed dataset need not wait for.
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

/** As sharp itself. */
export const sharp = (...args: Parameters<typeof Sharp>): Pipeline => loadSharp()(...args);

/** sharp says much of what may help; a line of it is the reason. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('ERR_DLOPEN_DISABLED'))
    return 'Node was started so that it loads no native code; start it without --no-addons, and --permission with --allow-addons';
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  const reason =
    lines.find((line) => /^(ERR_|.*cannot open shared object)/.test(line)) ?? lines[0] ?? message;
  return `${reason.trim()}. Install it again with its optional dependencies: npm install --include=optional`;
}
