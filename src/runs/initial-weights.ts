import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { z } from 'zod';
import { layerMatcher } from '../config/layer-patterns.js';
import type { ResolvedConfig } from '../config/resolved.js';
import { ExitCode, listed, UserError } from '../errors.js';
import { classLayers } from '../graph/class-layers.js';
import { layerOf, type Network, type Parameter, type StateTensor } from '../graph/network.js';
import type { Tensors } from '../runtime/tensors.js';
import { bytesOf, type SafetensorsHeader, type Tensor } from '../tensors/safetensors.js';
import { readSealed } from '../tensors/sealed.js';
import { runFiles, runPath } from './directory.js';
import { type Plan, planOf } from './weights-plan.js';

/**
 * The weights that a training starts from in place of the initializers: of a file, or of another run, whose classes may be others. A layer
 * is taken where the file has one of its name with the same tensors; of the layers that give the logits, the rows of the classes that both have.
 */

/** What a run says of it, in its summary and in its files of weights. */
export const initRecord = z.looseObject({
  file: z.string(),
  /** SHA-256 (hex) of the values taken: float32 little-endian, tensor after tensor in the network's order, with their names. */
  sha256: z.string(),
  /** Layers of this network that were taken. */
  layers: z.array(z.string()),
  /** Layers of this network that start from the initializers. */
  anew: z.array(z.string()),
  /** Layers of the file that were not taken. */
  unused: z.array(z.string()),
  /** Of the layers that give the logits, where they were taken: this run's classes. */
  classes: z
    .looseObject({
      matched: z.enum(['name', 'position']),
      taken: z.array(z.string()),
      anew: z.array(z.string()),
    })
    .nullable(),
});
export type InitRecord = Readonly<z.infer<typeof initRecord>>;

/** The record in the metadata of a run's file of weights; undefined where there is none. */
export function initIn({ init }: Readonly<Record<string, string>>): InitRecord | undefined {
  return init === undefined ? undefined : initRecord.parse(JSON.parse(init));
}

export interface InitialWeights {
  readonly record: InitRecord;
  /** What was taken and what was not, a sentence each. */
  readonly notes: readonly string[];
  /** Put them in the place of the engine's. */
  put(engine: { readonly tensors: Pick<Tensors, 'weight'>; changed(): void }): void;
}

type Weight = Parameter | StateTensor;

/** As many classes or layers are named in a note; the rest is counted. */
const mostNamed = 10;

/**
 * Reads the weights that a training starts from, and plans which layers take them.
 * @param init a file of weights, or the directory of a run, whose best weights it then is
 * @param config of the run that starts
 * @param classes its names of classes, in label order
 * @throws UserError where nothing fits, or a layer would but for its numbers' type; or the file is damaged
 */
export function readInitialWeights(
  init: string,
  config: ResolvedConfig,
  network: Network,
  classes: readonly string[],
): InitialWeights {
  const file = fileOf(init);
  let plan!: Plan;
  const check = (header: SafetensorsHeader) => {
    plan = planOf(file, header, config, network, classes);
  };
  const { tensors } = readSealed(file, { check });
  const { taken, anew, unused, match } = plan;
  const ofClasses = classLayers(config.model.layers);
  const isTaken = new Set(taken);
  const parts = network.weights
    .filter((weight) => isTaken.has(layerOf(weight)))
    .map((weight) =>
      partOf(weight, tensors.get(weight.name)!, ofClasses.has(layerOf(weight)) ? match?.rows : undefined),
    );
  const inFile = (isThere: boolean) => classes.filter((_, label) => match!.rows[label]! >= 0 === isThere);
  const record: InitRecord = {
    file,
    sha256: hashOf(parts),
    layers: [...taken],
    anew: [...anew.keys()],
    unused: [...unused],
    classes:
      match === undefined ? null : { matched: match.matched, taken: inFile(true), anew: inFile(false) },
  };
  return {
    record,
    notes: notesOf(record, anew, config),
    put(engine) {
      for (const { weight, runs } of parts)
        for (const { values, at } of runs) engine.tensors.weight(weight).set(values, at);
      engine.changed();
    },
  };
}

/** The file of weights that a path names. */
function fileOf(init: string): string {
  const found = statSync(init, { throwIfNoEntry: false });
  if (found === undefined)
    throw new UserError(`training.init: there is no file or run directory ${init}`, ExitCode.usage);
  if (extname(init).toLowerCase() === '.onnx')
    throw new UserError(
      `training.init: ${init} is an ONNX file; expected weights as safetensors, or a run directory. ` +
        `lockstep import ${init} --as CONFIG.json writes its weights; so does (await openModel(file)).save(path) in a program`,
      ExitCode.usage,
    );
  if (!found.isDirectory()) return init;
  const best = runPath(init, 'best');
  if (existsSync(best)) return best;
  throw new UserError(
    `${init} has no weights to start from: expected ${runFiles.best}, which a run has when its first epoch has ended`,
    ExitCode.usage,
  );
}

/** Of a weight, runs of values and where they go, float32 index in the tensor. */
interface Part {
  readonly weight: Weight;
  readonly runs: readonly { readonly values: Float32Array; readonly at: number }[];
}

/** @param rows of each row of the weight, that of the tensor which is taken, or -1; undefined: all of it */
function partOf(weight: Weight, { data }: Tensor, rows: readonly number[] | undefined): Part {
  const values = Float32Array.from(data as Float32Array | Float64Array);
  if (rows === undefined) return { weight, runs: [{ values, at: 0 }] };
  const size = weight.size / rows.length;
  const runs = rows.flatMap((from, to) =>
    from < 0 ? [] : [{ values: values.subarray(from * size, (from + 1) * size), at: to * size }],
  );
  return { weight, runs };
}

function hashOf(parts: readonly Part[]): string {
  const hash = createHash('sha256');
  for (const { weight, runs } of parts) {
    hash.update(JSON.stringify([weight.name, weight.shape, runs.map(({ at }) => at)]));
    for (const { values } of runs) hash.update(bytesOf(values));
  }
  return hash.digest('hex');
}

const some = (names: readonly string[]) => listed(names, mostNamed, ', ');

function notesOf(
  { file, layers, anew, unused, classes }: InitRecord,
  reasons: ReadonlyMap<string, string>,
  { training }: ResolvedConfig,
): string[] {
  const all = layers.length + anew.length;
  const why = anew.map((layer) => `${layer} (${reasons.get(layer)})`);
  const taken = anew.length === 0 ? `all ${all}` : `${layers.length} of ${all}`;
  const notes = [`${taken} layers start from ${file}${anew.length === 0 ? '' : `; anew start ${some(why)}`}`];
  if (unused.length > 0) notes.push(`not used of ${file}: ${some(unused)}`);
  if (classes?.matched === 'position')
    notes.push(
      `classes are matched by position, since not both the file and the dataset name them: they must be in the same order`,
    );
  else if (classes != null && classes.anew.length > 0)
    notes.push(
      `${classes.taken.length} classes start from the file's of the same name; anew start ${some(classes.anew)}`,
    );
  const stuck = anew.filter(layerMatcher(training.freeze));
  if (stuck.length > 0)
    notes.push(
      stuck.length === 1
        ? `${some(stuck)} starts anew and is frozen: it stays as the initializers made it`
        : `${some(stuck)} start anew and are frozen: they stay as the initializers made them`,
    );
  return notes;
}
