import type { LayerInput } from '../config/input.js';
import { LayerNames } from '../config/layer-names.js';
import type { LayerConfig } from '../config/schema.js';
import { ExitCode, UserError } from '../errors.js';
import { argumentError, isObject } from './argument-error.js';

/** Layers put one behind the other by calling them, and the config's list of layers that it makes. */

/** A layer. Called with a node, it gives the node behind: `conv2d(16, 3)(image)`. A layer stands in one place alone. */
export interface Layer {
  (...inputs: Node[]): Node;
  /** As a config has it. */
  toJSON(): LayerInput;
}

/** The output of a layer that reads others, or the image. */
export interface Node {
  /** undefined for the image. */
  readonly layer: Layer | undefined;
  readonly inputs: readonly Node[];
}

export function layer(config: LayerInput): Layer {
  const self: Layer = Object.assign((...inputs: Node[]): Node => ({ layer: self, inputs }), {
    toJSON: () => config,
  });
  return self;
}

/**
 * What a config says of layers.
 * @param seen the layers that stand elsewhere; gets these
 * @throws UserError (code `usage`) for what is no layer, and for a layer that stands in two places
 */
export function configsOf(layers: readonly Layer[], seen = new Set<LayerInput>()): LayerInput[] {
  if (!Array.isArray(layers)) throw argumentError('residual', 'a list of layers', layers, 'body');
  return (layers as readonly Layer[]).map((each, i) => {
    if (typeof each === 'function' && 'toJSON' in each) {
      requireNew(each.toJSON(), seen, i);
      return each.toJSON();
    }
    throw new UserError(`layer ${i} is no layer; expected one such as relu() or dense(10)`, ExitCode.usage, {
      path: `layers[${i}]`,
    });
  });
}

/**
 * A layer is known by its config, an object of its own that blocks around it hold too.
 * @param seen gets the layer, and those within it
 */
function requireNew(layer: LayerInput, seen: Set<LayerInput>, i: number): void {
  if (seen.has(layer))
    throw new UserError(`a ${layer.type} layer stands in two places: make one for each`, ExitCode.usage, {
      path: `layers[${i}]`,
    });
  seen.add(layer);
  if (layer.type !== 'residual') return;
  for (const inner of [...layer.body, ...(layer.shortcut ?? [])]) requireNew(inner, seen, i);
}

/** The image, of a network whose layers are called. */
export const input = (): Node => ({ layer: undefined, inputs: [] });

const imageName = 'input';

/**
 * The layers that lead to a node, in the order in which they run, each naming what it reads where that is not the one before.
 * @throws UserError (code `usage`) for a layer that stands in two places
 */
export function layersTo(output: Node): LayerInput[] {
  const nodes: Node[] = [];
  const seen = new Set<Node>();
  const layers = new Set<LayerInput>();
  const visit = (node: Node, reader: string): void => {
    if (!isObject(node)) throw argumentError(reader, 'a node, such as input() or relu()(node)', node, 'node');
    if (node.layer === undefined || seen.has(node)) return;
    seen.add(node);
    const config = node.layer.toJSON();
    for (const read of node.inputs) visit(read, `a ${config.type} layer`);
    requireNew(config, layers, nodes.length);
    nodes.push(node);
  };
  visit(output, 'graph');
  const names = namesOf(nodes);
  const isRead = new Set<Node>();
  const wired = nodes.map((node, i) => {
    const { inputs: _, ...config } = node.layer!.toJSON();
    const [first] = node.inputs;
    const isNext =
      node.inputs.length === 1 && (i === 0 ? first!.layer === undefined : first === nodes[i - 1]);
    if (isNext) return config;
    for (const read of node.inputs) isRead.add(read);
    return { ...config, inputs: node.inputs.map((read) => names.get(read) ?? imageName) };
  });
  return nodes.map((node, i) => ({
    ...wired[i]!,
    ...(isRead.has(node) && { name: names.get(node)! }),
  })) as LayerInput[];
}

/** What each node is called: by its own name, as a config would name it, or by its type and number. */
function namesOf(nodes: readonly Node[]): Map<Node, string> {
  const given = new LayerNames();
  const names = nodes.map((node, i) => given.of(node.layer!.toJSON() as LayerConfig, [i]));
  const taken = new Set(names);
  const counts = new Map<string, number>();
  return new Map(
    nodes.map((node, i) => {
      let name = names[i]!;
      const { type } = node.layer!.toJSON();
      for (let count = counts.get(type) ?? 0; name === ''; ) {
        counts.set(type, ++count);
        if (!taken.has(`${type}${count}`)) name = `${type}${count}`;
      }
      return [node, name];
    }),
  );
}
