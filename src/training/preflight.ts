import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { planThreads } from '../compile/plan-threads.js';
import { withClasses } from '../config/resolve.js';
import type { CompleteConfig, ResolvedConfig } from '../config/resolved.js';
import type { DataConfig, GenerateConfig } from '../config/schema.js';
import type { SplitName } from '../data/dataset.js';
import { dataError } from '../data/faults.js';
import { requireSuiting, sampleShape, sampleType } from '../data/features.js';
import { oneClassFault, onlyClassOf } from '../data/one-class.js';
import type { Source } from '../data/source.js';
import { foldSize } from '../data/sources/folds.js';
import { openSource } from '../data/sources/open.js';
import { standsIn } from '../data/synthetic/drawn-folder.js';
import { shapeClasses } from '../data/synthetic/shapes.js';
import { ExitCode, UserError } from '../errors.js';
import { unwritable } from '../files/unwritable.js';
import { loadCode, requireCode } from '../graph/custom-loading.js';
import { buildNetwork, type Network, requireBatchStatistics, requireClasses } from '../graph/network.js';
import { nodePlatform } from '../platform/node.js';
import { importModule } from '../platform/node-modules.js';
import { requireFree, runsFolder } from '../runs/directory.js';
import { requireClassWeights } from '../runtime/class-weights.js';
import { type Group, memoryOf, shareOf } from '../runtime/group.js';

/** What is known before anything is drawn, decoded or trained. */
export interface Checked {
  /** With the dataset's number of classes. */
  readonly config: ResolvedConfig;
  readonly network: Network;
  /** Names in label order. */
  readonly classes: readonly string[];
  /** The dataset's; undefined where it is yet to be drawn. */
  readonly source: Source | undefined;
}

/**
 * The config's network and source, after finding what the user can mend before anything is drawn or decoded.
 * @param onNote hears what was decided for the user before anything is refused
 * @throws UserError: a network that does not fit the samples or the classes, a faulty dataset, more memory than there can be
 */
export async function preflight(
  complete: CompleteConfig,
  threads: number,
  sharedBytes: number | undefined,
  onNote: (note: string) => void,
  group?: Group,
): Promise<Checked> {
  // What is wrong with the layers is said before the dataset is looked for. Any number of classes will do.
  buildNetwork(withClasses(complete, 2).model.layers, sampleShape(complete.data.features));
  const code = await loadCode(withClasses(complete, 2), importModule);
  const { data, drawing } = await dataOf(complete.data, onNote);
  const source = drawing === undefined ? await openSource(data) : undefined;
  for (const note of source?.notes ?? []) onNote(note);
  if (source !== undefined) requireSuiting(data, source);
  const { classes, splits } = source === undefined ? drawnSizes(drawing!, data.split.fold) : sizesOf(source);
  const only = source && onlyClassOf(source);
  if (only !== undefined) throw dataError(`${data.dir}: ${oneClassFault(only)}.`, data.dir);
  const config = withClasses({ ...complete, data }, classes);
  const { model, loss } = config;
  const network = buildNetwork(model.layers, sampleShape(data.features), config.training.freeze);
  requireClasses(network, model.layers, classes);
  requireCode(config, network.input, classes, code);
  requireBatchStatistics(network, splits.train.samples, config.training.batchSize);
  const format = { sampleType: sampleType(data.features), sampleShape: network.input };
  requireClassWeights(loss.classWeights, classes);
  const machine = memoryOf(nodePlatform.memory, group);
  const wanted = { threads, sharedBytes, machine, share: group && shareOf(group) };
  const planned = planThreads(network, { ...format, splits }, config, wanted).threads;
  if (planned < threads) {
    onNote(
      `${threads} threads' gradients do not fit in the memory: the run has ${planned}, and gives the same bits`,
    );
  }
  return { config, network, classes: source?.classes ?? shapeClasses, source };
}

interface DataToRead {
  readonly data: DataConfig;
  /** Where pictures are yet to be drawn. */
  readonly drawing?: GenerateConfig | undefined;
}

/** Pictures are drawn into a folder of their own alone; what else is in the one that the config names is read, and the config says so. */
export async function dataOf(data: DataConfig, onNote: (note: string) => void): Promise<DataToRead> {
  const { generate, ...rest } = data;
  if (generate === undefined) return { data };
  const found = await standsIn(data.dir, generate);
  if (found === 'nothing') return { data, drawing: generate };
  if (found === 'pictures') return { data };
  onNote(`${data.dir} holds something else than drawn pictures: it is read as it is, without data.generate`);
  return { data: rest };
}

interface Sizes {
  readonly classes: number;
  readonly splits: Record<SplitName, { samples: number }>;
}

function sizesOf({ classes, splits }: Source): Sizes {
  const of = (split: SplitName) => ({ samples: splits[split].labels.length });
  return {
    classes: classes.length,
    splits: { train: of('train'), validation: of('validation'), test: of('test') },
  };
}

function drawnSizes(
  { trainPerClass, validationPerClass, testPerClass }: GenerateConfig,
  fold: DataConfig['split']['fold'],
): Sizes {
  const classes = shapeClasses.length;
  const pool = classes * (trainPerClass + validationPerClass);
  const validation = fold === undefined ? classes * validationPerClass : foldSize(pool, fold);
  return {
    classes,
    splits: {
      train: { samples: pool - validation },
      validation: { samples: validation },
      test: { samples: classes * testPerClass },
    },
  };
}

/**
 * A run directory that can be had: better known before the data is made than after. The run claims it when its data is ready.
 * @throws UserError if it is in use, or cannot be written
 */
export function requireDirectory(out: string | undefined): void {
  if (out !== undefined) requireFree(out);
  requireWritable(out ?? runsFolder);
}

/** The nearest folder above that exists must be one, and writable. */
function requireWritable(path: string): void {
  let folder = resolve(path);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    if (!statSync(folder).isDirectory()) {
      throw new UserError(`${path} cannot be written: ${folder} is no folder`, ExitCode.environment, {
        path,
      });
    }
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
}
