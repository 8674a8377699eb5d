import type { Shape } from '../../graph/shape.js';
import type { Graph } from './graph.js';
import type { Node } from './node.js';

/** A size in a shape that the graph computes: a number, or that of the batch, which is not known. */
export type Size = number | 'batch';

/** Nodes from a tensor's shape to the one that reads it; a hostile file could have any number. */
const deepest = 64;
const mostSizes = 64;

/**
 * The whole numbers that a value holds: those of a constant, or what nodes make of the shapes of tensors, as exporters write `x.view(x.size(0), -1)`.
 * @param shapeOf of a tensor without the batch; undefined where it is not known
 * @returns undefined where they are not known
 */
export function sizesOf(
  graph: Graph,
  value: string,
  shapeOf: (value: string) => Shape | undefined,
): readonly Size[] | undefined {
  const of = (value: string, depth: number): readonly Size[] | undefined => {
    const constant = graph.constant(value);
    if (constant !== undefined)
      return constant.type === 'integer' && constant.values.length <= mostSizes ? constant.values : undefined;
    const node = graph.producer(value);
    if (node === undefined || depth > deepest) return undefined;
    if (node.type === 'Shape') return shape(node);
    const inputs: (readonly Size[])[] = [];
    for (const input of node.inputs) {
      const sizes = of(input, depth + 1);
      if (sizes === undefined) return undefined;
      inputs.push(sizes);
    }
    const result = Object.hasOwn(rules, node.type) ? rules[node.type]!(inputs, node) : undefined;
    return result !== undefined && result.length <= mostSizes ? result : undefined;
  };
  const shape = (node: Node): readonly Size[] | undefined => {
    const known = shapeOf(node.input) ?? pooledShape(graph, node.input, shapeOf);
    if (known === undefined) return undefined;
    const all: Size[] = ['batch', ...known];
    return all.slice(node.numberOf('start', 0), node.has('end') ? node.numberOf('end', 0) : undefined);
  };
  return of(value, 0);
}

/** Of a global pool whose reader is a flatten: both are one layer here, so that what lies between has no shape of its own. */
function pooledShape(graph: Graph, value: string, shapeOf: (value: string) => Shape | undefined) {
  const pool = graph.producer(value);
  if (pool?.type !== 'GlobalAveragePool' && pool?.type !== 'ReduceMean') return undefined;
  const channels = shapeOf(pool.input)?.[0];
  return channels === undefined ? undefined : [channels, 1, 1];
}

type Rule = (inputs: readonly (readonly Size[])[], node: Node) => readonly Size[] | undefined;

const same: Rule = ([data]) => data;

const arithmetic =
  (of: (a: number, b: number) => number): Rule =>
  ([a, b]) => {
    if (a?.length !== b?.length || a === undefined) return undefined;
    const results = a.map((x, i) => {
      const y = b![i]!;
      return x === 'batch' || y === 'batch' ? Number.NaN : of(x, y);
    });
    return results.some(Number.isNaN) ? undefined : results;
  };

const rules: Readonly<Record<string, Rule>> = {
  Unsqueeze: ([data]) => data,
  Squeeze: ([data]) => data,
  Reshape: ([data]) => data,
  Cast: same,
  Concat: (inputs) => inputs.flat(),
  Gather: ([data, indices]) => indices?.flatMap((i) => (i === 'batch' ? [] : (data!.at(i) ?? []))),
  Slice: ([data, starts, ends, , steps]) => {
    const [start, end, step = 1] = [starts?.[0], ends?.[0], steps?.[0]];
    if (typeof start !== 'number' || typeof end !== 'number' || step !== 1) return undefined;
    return data!.slice(start, end);
  },
  Mul: arithmetic((a, b) => a * b),
  Add: arithmetic((a, b) => a + b),
  Sub: arithmetic((a, b) => a - b),
  Div: arithmetic((a, b) => Math.trunc(a / b)),
};
