import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readWholeFile } from '../files/open-file.js';
import type { Fault } from './faults.js';
import type { Path } from './path.js';
import type { Config, LayerConfig } from './schema.js';

/** Modules of own code that a config names: where they are, and which file it was. */

/** Largest module, bytes. */
const mostBytes = 2 ** 26;

interface OwnCode {
  module: string;
  sha256?: string | undefined;
}

/**
 * The config with each module's whole path, and with the SHA-256 of its file where it does not say one, so that the file is known again
 * later and on other machines.
 * @param folder that relative paths start from; undefined: there is none
 */
export function locateModules(
  config: Config,
  folder: string | undefined,
): { readonly config: Config; readonly faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const located = <T extends OwnCode>(code: T, path: Path): T => {
    const found = locate(code, folder);
    if (typeof found !== 'string') return { ...code, ...found };
    faults.push({ path: [...path, 'module'], message: found });
    return code;
  };
  const chain = (layers: readonly LayerConfig[], path: Path): LayerConfig[] =>
    layers.map((layer, index) => {
      const at = [...path, index];
      if (layer.type === 'custom') return located(layer, at);
      if (layer.type !== 'residual') return layer;
      const { body, shortcut } = layer;
      return {
        ...layer,
        body: chain(body, [...at, 'body']),
        ...(shortcut && { shortcut: chain(shortcut, [...at, 'shortcut']) }),
      };
    });
  const layers = chain(config.model.layers, ['model', 'layers']);
  const loss = config.loss.type === 'custom' ? located(config.loss, ['loss']) : config.loss;
  return { config: { ...config, loss, model: { ...config.model, layers } }, faults };
}

/** Path and hash of a module; or what is wrong with it. */
function locate({ module, sha256 }: OwnCode, folder: string | undefined): Required<OwnCode> | string {
  let path: string;
  try {
    path = module.startsWith('file:') ? fileURLToPath(module) : module;
  } catch (error) {
    return `found "${module}": ${(error as Error).message}`;
  }
  if (folder === undefined && resolve(path) !== path)
    return `found "${module}", and there is no config file whose folder it could start from; give a whole path or a URL, such as new URL("${module}", import.meta.url)`;
  const whole = resolve(folder ?? '', path);
  if (sha256 !== undefined) return { module: whole, sha256 };
  try {
    return { module: whole, sha256: hashOfModule(whole) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return `found "${module}", and ${code === 'ENOENT' ? `there is no file ${whole}` : `${whole} cannot be read: ${message}`}`;
  }
}

/** SHA-256 (hex) of a module's file. Throws the system's error. */
export const hashOfModule = (path: string): string =>
  createHash('sha256').update(readWholeFile(path, mostBytes)).digest('hex');
