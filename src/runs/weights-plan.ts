import { z } from 'zod';
import type { ResolvedConfig } from '../config/resolved.js';
import { ExitCode, listed, UserError } from '../errors.js';
import { classLayers } from '../graph/class-layers.js';
import { layerOf, type Network, type Parameter, type StateTensor } from '../graph/network.js';
import { showShape } from '../graph/shape.js';
import { allSlots } from '../runtime/optimizers/slots.js';
import type { SafetensorsHeader, TensorEntry } from '../tensors/safetensors.js';
import { isCounter } from './weights.js';

/** Which layers of a file of weights a network can start from, by the file's header alone. */

type Weight = Parameter | StateTensor;

/** How this run's classes and the file's belong together. */
interface ClassMatch {
  readonly matched: 'name' | 'position';
  /** Of each class of this run, the file's row; -1 where it has none. */
  readonly rows: readonly number[];
}

/** Which of the file's layers are taken. */
export interface Plan {
  readonly taken: readonly string[];
  /** Layers that are not, each with the reason. */
  readonly anew: ReadonlyMap<string, string>;
  readonly unused: readonly string[];
  /** undefined where no layer that gives the logits is taken. */
  readonly match: ClassMatch | undefined;
}

/** As many layers that do not fit are named in an error. */
const shownFaults = 20;

/** @throws UserError (exit code usage) where no layer fits, or one would but for its numbers' type */
export function planOf(
  path: string,
  { metadata, tensors }: SafetensorsHeader,
  { model }: ResolvedConfig,
  network: Network,
  classes: readonly string[],
): Plan {
  const theirs = byLayer([...tensors].filter(([name]) => isWeight(name, tensors)));
  const ours = byLayer(network.weights.map((weight) => [weight.name, weight] as const));
  const ofClasses = classLayers(model.layers);
  const taken: string[] = [];
  const anew = new Map<string, string>();
  let match: ClassMatch | undefined;
  for (const [layer, weights] of ours) {
    const found = theirs.get(layer);
    const isOfClasses =
      ofClasses.has(layer) && [...weights.values()].every(({ shape }) => shape[0] === classes.length);
    const reason =
      found === undefined
        ? 'the file has none of this name'
        : (namesFault(weights, found) ?? shapesFault(weights, found, isOfClasses ? 1 : 0));
    if (reason !== undefined) {
      anew.set(layer, reason);
      continue;
    }
    requireFloats(path, layer, found!);
    if (isOfClasses) {
      const rows = new Set([...found!.values()].map(({ shape }) => shape[0]!));
      const own = matchClasses(classes, namesIn(metadata), rows.size === 1 ? [...rows][0]! : -1);
      if (typeof own === 'string') {
        anew.set(layer, own);
        continue;
      }
      match = own;
    }
    taken.push(layer);
  }
  const unused = [...theirs.keys()].filter((layer) => !taken.includes(layer));
  if (taken.length === 0) throw nothingFits(path, anew, unused);
  return { taken, anew, unused, match };
}

/** Whether a file's tensor is a weight of a network, not what an optimizer keeps for one, nor a batch norm's count of steps. */
const isWeight = (name: string, all: ReadonlyMap<string, unknown>): boolean =>
  !isCounter(name, all) &&
  !allSlots.some((slot) => name.startsWith(`${slot}.`) && all.has(name.slice(slot.length + 1)));

/** Tensors by the names of their layers, then by their own. */
function byLayer<T>(tensors: readonly (readonly [string, T])[]): Map<string, Map<string, T>> {
  const layers = new Map<string, Map<string, T>>();
  for (const [name, tensor] of tensors) {
    const layer = name.includes('.') ? layerOf({ name }) : name;
    const own = layers.get(layer) ?? new Map<string, T>();
    layers.set(layer, own.set(name.slice(layer.length + 1), tensor));
  }
  return layers;
}

type Ours = ReadonlyMap<string, Weight>;
type Theirs = ReadonlyMap<string, TensorEntry>;

function namesFault(ours: Ours, theirs: Theirs): string | undefined {
  const [missing] = [...ours.keys()].filter((name) => !theirs.has(name));
  if (missing !== undefined) return `it has no ${missing} in the file`;
  const [more] = [...theirs.keys()].filter((name) => !ours.has(name));
  return more === undefined ? undefined : `it has a ${more} in the file, and none here`;
}

/** @param from the dimension from which on the shapes are to be the same */
function shapesFault(ours: Ours, theirs: Theirs, from: number): string | undefined {
  for (const [name, { shape }] of ours) {
    const found = theirs.get(name)!.shape;
    if (found.length === shape.length && found.slice(from).join() === shape.slice(from).join()) continue;
    return `${name} is ${showShape(found)} in the file; this network needs ${showShape(shape)}`;
  }
  return undefined;
}

function requireFloats(path: string, layer: string, tensors: Theirs): void {
  for (const [name, { dtype }] of tensors) {
    if (dtype === 'F32' || dtype === 'F64') continue;
    throw new UserError(
      `${path}: ${layer}.${name} is ${dtype}; expected F32 or F64: save the weights as float32`,
      ExitCode.usage,
      { path },
    );
  }
}

/** The names of classes in a file's metadata; undefined where it has none, as of another program. */
function namesIn(metadata: Readonly<Record<string, string>>): readonly string[] | undefined {
  try {
    const names = z.array(z.string()).parse(JSON.parse(metadata['classes'] ?? 'null'));
    return areNumbered(names) ? undefined : names;
  } catch {
    return undefined;
  }
}

/** Whether the names are those that a dataset's classes have which has only numbers for them. */
const areNumbered = (names: readonly string[]) => names.every((name) => /^class \d+$/.test(name));

/** How the classes belong together, or why they do not. */
function matchClasses(
  classes: readonly string[],
  theirs: readonly string[] | undefined,
  rows: number,
): ClassMatch | string {
  if (theirs !== undefined && theirs.length !== rows)
    return `the file names ${theirs.length} classes, which are not its rows`;
  if (theirs === undefined || areNumbered(classes)) {
    if (rows === classes.length) return { matched: 'position', rows: classes.map((_, label) => label) };
    const who = theirs === undefined ? 'the file' : 'the dataset';
    return `${who} has no names of classes, and their numbers differ: ${rows} in the file, ${classes.length} here`;
  }
  const rowOf = new Map(theirs.map((name, row) => [name, row]));
  const matched = classes.map((name) => rowOf.get(name) ?? -1);
  if (matched.some((row) => row >= 0)) return { matched: 'name', rows: matched };
  return `the file has none of these classes; its are ${listed(theirs, 10, ', ')}`;
}

function nothingFits(path: string, anew: ReadonlyMap<string, string>, unused: readonly string[]): UserError {
  const lines = [
    ...[...anew].map(([layer, reason]) => `  ${layer}: ${reason}`),
    ...unused.filter((layer) => !anew.has(layer)).map((layer) => `  ${layer} is not in this network`),
  ];
  return new UserError(
    `${path} does not fit the config's network: found no layer to take, expected some of the same names and shapes\n${listed(lines, shownFaults)}`,
    ExitCode.usage,
    { path },
  );
}
