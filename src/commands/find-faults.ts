import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ResolvedConfig } from '../config/resolve.js';
import type { SplitName } from '../data/dataset.js';
import { sampleShape, sampleType } from '../data/features.js';
import { listFiles, readLists } from '../data/lists.js';
import { shapeClasses } from '../data/shapes.js';
import { requireClassWeights } from '../engine/class-weights.js';
import { planMemory } from '../engine/memory-plan.js';
import { ExitCode, UserError } from '../errors.js';
import { unwritable } from '../files/unwritable.js';
import { buildNetwork, type Network, requireClasses } from '../model/network.js';
import { requireEmpty, runsFolder } from '../run/directory.js';

/**
 * The config's network, after finding what the user can mend before anything is drawn, decoded or written.
 * @throws UserError: a network that does not fit the samples or the classes, faulty lists, more memory than there can be
 */
export function findFaults(
  { model, data, training, loss }: ResolvedConfig,
  threads: number,
  sharedBytes: number,
): Network {
  const network = buildNetwork(model.layers, sampleShape(data.features));
  const { classes, splits } = sizesOf(data);
  requireClasses(network, classes);
  const format = { sampleType: sampleType(data.features), sampleShape: network.input };
  planMemory(network, { ...format, splits }, training, threads, sharedBytes); // it may be more than there is
  requireClassWeights(loss.classWeights, classes);
  return network;
}

/** Classes and samples of the dataset, which may be one that is yet to be drawn. */
function sizesOf({ dir, generate }: ResolvedConfig['data']): {
  classes: number;
  splits: Record<SplitName, { samples: number }>;
} {
  if (generate !== undefined && !existsSync(join(dir, listFiles.train))) {
    const classes = shapeClasses.length;
    const of = (perClass: number) => ({ samples: classes * perClass });
    const { trainPerClass, validationPerClass, testPerClass } = generate;
    return {
      classes,
      splits: { train: of(trainPerClass), validation: of(validationPerClass), test: of(testPerClass) },
    };
  }
  const { classes, splits } = readLists(dir);
  const of = (split: SplitName) => ({ samples: splits[split].labels.length });
  return {
    classes: classes.length,
    splits: { train: of('train'), validation: of('validation'), test: of('test') },
  };
}

/**
 * A run directory that can be had: better known before the data is made than after. The run claims it when its data is ready.
 * @throws UserError if it is in use, or cannot be written
 */
export function requireDirectory(out: string | undefined): void {
  if (out !== undefined) requireEmpty(out);
  requireWritable(out ?? runsFolder);
}

/** The nearest folder above that exists must be one, and writable. */
function requireWritable(path: string): void {
  let folder = resolve(path);
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    if (!statSync(folder).isDirectory()) {
      throw new UserError(`${path} cannot be written: ${folder} is no folder`, ExitCode.environment);
    }
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
}
