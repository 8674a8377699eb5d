import { dirname } from 'node:path';
import { ExitCode, UserError } from '../errors.js';
import { readWholeFile } from '../files/open-file.js';
import type { Opening } from '../files/opening.js';
import { TextFault, textOf } from '../files/text.js';
import { isOfMachine } from '../files/unreadable.js';
import { faultsError, faultsOf } from './faults.js';
import { isShallow, JsonFault, parseJson } from './json.js';
import { locateModules } from './modules.js';
import { applyOverrides, type Change } from './overrides.js';
import { type Config, configSchema } from './schema.js';

/** Largest config file, bytes: room for a number for each of a million classes. */
const mostBytes = 2 ** 23;

/**
 * Loads the config in a JSON file, with the schema's defaults filled in.
 *
 * @param overrides from the command line, applied in order before validation
 * @throws UserError (exit code usage) that lists every fault of the config, or the position of the first JSON fault
 */
export function loadConfig(path: string, overrides: readonly Change[] = [], opening: Opening = {}): Config {
  return parseConfig(readJson(path, 'config', opening), path, overrides, dirname(path));
}

/**
 * The same for a config that is already parsed. `source` names it in messages.
 * @param folder that the paths of modules start from; without one they are whole paths
 * @throws UserError (exit code usage) that lists every fault
 */
export function parseConfig(
  value: unknown,
  source = 'the config',
  overrides: readonly Change[] = [],
  folder?: string,
): Config {
  if (!isShallow(value)) throw faultsError(source, [{ path: [], message: 'nested too deeply' }]);
  const config: unknown = structuredClone(value);
  const { faults, paths } = applyOverrides(config, overrides);
  const result = configSchema.safeParse(config);
  const invalid = result.success ? [] : faultsOf(result.error.issues, config);
  const all = [...faults, ...invalid.map((fault) => paths.mark(fault))];
  if (!result.success || all.length > 0) throw faultsError(source, all);
  const located = locateModules(result.data, folder);
  if (located.faults.length > 0)
    throw faultsError(
      source,
      located.faults.map((fault) => paths.mark(fault)),
    );
  // A dataset is generated only in the config's own folder. A folder from the command line is read, unless data.generate is set there too.
  if (!paths.sets('data', 'dir') || paths.sets('data', 'generate')) return located.config;
  const { generate: _, ...data } = located.config.data;
  return { ...located.config, data };
}

/**
 * The value in a JSON file.
 * @param what the file is, for messages
 * @throws UserError (exit code usage) with the position of the first fault
 */
export function readJson(path: string, what: 'config' | 'search', opening: Opening = {}): unknown {
  const text = readText(path, what, opening);
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw new UserError(`${path}:${error.line}:${error.column}: not JSON: ${error.message}`, ExitCode.usage, {
      path,
    });
  }
}

function readText(path: string, what: string, opening: Opening): string {
  try {
    return textOf(readWholeFile(path, mostBytes, opening));
  } catch (error) {
    if (error instanceof TextFault)
      throw new UserError(`${path}: the ${what} ${error.message}`, ExitCode.usage, { path });
    const exitCode = isOfMachine(error) ? ExitCode.environment : ExitCode.usage;
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new UserError(`${path}: the ${what} cannot be read: ${reason}`, exitCode, { cause: error, path });
  }
}
