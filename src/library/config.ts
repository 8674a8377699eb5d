import type { Config } from '../config/schema.js';
import { pathOf } from './path.js';

/**
 * A config file, with the defaults filled in: `fit(await loadConfig('configs/lenet5.json'), await imageFolder('pictures'))`.
 * @throws UserError that lists every fault of the config
 */
export async function loadConfig(path: string | URL): Promise<Config> {
  const load = await import('../config/load.js');
  return load.loadConfig(pathOf(path, 'loadConfig', 'path'));
}
