import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ResolvedConfig } from '../config/resolve.js';
import { sampleShape } from '../data/features.js';
import { listFiles, readLists } from '../data/lists.js';
import { shapeClasses } from '../data/shapes.js';
import { ExitCode, UserError } from '../errors.js';
import { buildNetwork, type Network, requireClasses } from '../model/network.js';
import { runsFolder } from '../run/directory.js';
import { unwritable } from '../run/write-file.js';

/**
 * The config's network, after finding what the user can mend before anything is drawn, decoded or written.
 * @throws UserError: a network that does not fit the samples or the classes, faulty lists, a run directory that is in use
 */
export function findFaults({ model, data }: ResolvedConfig, out: string | undefined): Network {
  const network = buildNetwork(model.layers, sampleShape(data.features));
  if (out !== undefined) requireEmpty(out);
  requireWritable(out ?? runsFolder);
  requireClasses(network, classCount(data));
  return network;
}

/** Classes of the dataset, which may be one that is yet to be drawn. */
function classCount({ dir, generate }: ResolvedConfig['data']): number {
  const drawn = generate !== undefined && !existsSync(join(dir, listFiles.train));
  return drawn ? shapeClasses.length : readLists(dir).classes.length;
}

/** The nearest folder above that exists must be one, and writable: better known before the data is made than after. */
function requireWritable(path: string): void {
  let folder = resolve(path);
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    if (!statSync(folder).isDirectory()) throw new Error(`${folder} is no folder`);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Only a look: the run claims the folder when its data is ready. */
function requireEmpty(out: string): void {
  if (!existsSync(out)) return;
  let names: string[];
  try {
    names = readdirSync(out);
  } catch (error) {
    throw unwritable(out, error);
  }
  if (names.length === 0) return;
  throw new UserError(
    `--out ${out} is not empty; give a folder that is empty or does not exist yet`,
    ExitCode.usage,
  );
}
